// Clips side by side, in step: one clock, one scrubber, one set of buttons for all of them.
//
// `data.clips`: each with `poster`, `alt`, `name`, `notes`, `width`, `height`, and where it can be
// played `src`, `fps`, `frames`. Names and notes come from others: they are only ever set as text.

const SPEEDS = [1, 0.5, 0.25];
const players = new WeakMap();

const ICONS = {
  play: "M8 5v14l11-7z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  loop: "M7 7h10v3l4-4-4-4v3H5v6h2zM17 17H7v-3l-4 4 4 4v-3h12v-6h-2z",
};

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

// The server gives "/media/…"; a dashboard behind a proxy may live below a path of its own.
function address(url) {
  return url.startsWith("/") ? new URL(url.slice(1), document.baseURI).href : url;
}

function figure(clip) {
  const shown = element("figure");
  const frame = element("div", "frame");
  frame.style.aspectRatio = `${clip.width} / ${clip.height}`;
  if (clip.width < 256) frame.classList.add("crisp");
  const poster = element("img");
  poster.alt = clip.src ? "" : clip.alt;
  if (clip.poster) poster.src = address(clip.poster);
  frame.append(poster);
  if (clip.src) {
    const video = element("video");
    Object.assign(video, { muted: true, playsInline: true, preload: "auto", src: address(clip.src) });
    video.setAttribute("aria-label", clip.alt);
    frame.append(video);
  }
  shown.append(frame);
  if (clip.name || clip.notes.length) {
    const caption = element("figcaption");
    if (clip.name) caption.append(element("strong", "", clip.name));
    for (const note of clip.notes) caption.append(element("span", "", note));
    shown.append(caption);
  }
  return shown;
}

function once(target, names) {
  return new Promise((resolve) => {
    const done = (event) => {
      for (const name of names) target.removeEventListener(name, done);
      resolve(event.type);
    };
    for (const name of names) target.addEventListener(name, done);
  });
}

class Player {
  constructor(root, data) {
    this.wanted = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.visible = false;
    this.speed = 0;
    this.loop = true;
    this.tick = 0;
    this.turn = 0; // counts what was asked for, so that a late answer to an earlier wish is dropped
    this.started = false;
    this.closed = false;
    this.root = element("div", "player");
    this.root.style.setProperty("--columns", data.columns);
    const grid = element("div", "grid");
    const figures = data.clips.map(figure);
    grid.append(...figures);
    this.clips = data.clips
      .map((clip, i) => ({ ...clip, video: figures[i].querySelector("video"), figure: figures[i] }))
      .filter((clip) => clip.video);
    this.root.append(grid);
    root.querySelector(".player")?.remove();
    root.append(this.root);
    if (this.clips.length) this.begin();
  }

  begin() {
    this.rate = Math.max(...this.clips.map((clip) => clip.fps));
    this.span = Math.max(...this.clips.map((clip) => clip.frames / clip.fps));
    this.ticks = Math.max(1, Math.round(this.span * this.rate));
    this.root.append(this.controls());
    this.draw();
    this.sight = new IntersectionObserver((entries) => {
      this.visible = entries[entries.length - 1].isIntersecting;
      this.visible ? this.follow() : this.halt();
    });
    const loaded = this.clips.map((clip) => {
      if (clip.video.readyState >= 2) return "loadeddata";
      return once(clip.video, ["loadeddata", "error"]);
    });
    Promise.all(loaded).then((said) => {
      if (this.closed) return;
      this.clips.filter((_, i) => said[i] === "error").forEach((clip) => this.drop(clip));
      this.clips = this.clips.filter((_, i) => said[i] !== "error");
      if (this.clips.length) this.sight.observe(this.root);
    });
  }

  drop(clip) {
    clip.video.remove();
    const note = element("span", "", "This browser cannot play the clip; its first picture is shown.");
    let caption = clip.figure.querySelector("figcaption");
    if (!caption) clip.figure.append((caption = element("figcaption")));
    caption.append(note);
  }

  controls() {
    const bar = element("div", "bar");
    this.button = element("button");
    this.button.type = "button";
    this.button.addEventListener("click", () => this.toggle());
    this.slider = element("input");
    Object.assign(this.slider, { type: "range", min: 0, max: this.ticks - 1, step: 1, value: 0 });
    this.slider.setAttribute("aria-label", "Frame");
    this.slider.addEventListener("input", () => this.scrub(Number(this.slider.value)));
    // Arrow keys move the scrubber while it has the focus, and vote elsewhere. A press of the
    // pointer leaves no focus behind.
    this.slider.addEventListener("keydown", (event) => event.stopPropagation());
    this.slider.addEventListener("pointerup", () => this.slider.blur());
    this.label = element("output");
    this.pace = element("button", "words");
    this.pace.type = "button";
    this.pace.addEventListener("click", () => {
      this.speed = (this.speed + 1) % SPEEDS.length;
      for (const { video } of this.clips) video.playbackRate = SPEEDS[this.speed];
      this.draw();
    });
    this.again = element("button");
    this.again.type = "button";
    this.again.append(icon("loop"));
    this.again.addEventListener("click", () => {
      this.loop = !this.loop;
      this.draw();
    });
    bar.append(this.button, this.slider, this.label, this.pace, this.again);
    return bar;
  }

  draw() {
    this.root.dataset.playing = String(this.wanted);
    const doing = this.wanted ? "pause" : "play";
    if (this.button.dataset.doing !== doing) {
      this.button.dataset.doing = doing;
      this.button.replaceChildren(icon(doing));
      this.button.setAttribute("aria-label", this.wanted ? "Pause all" : "Play all");
      this.button.title = this.wanted ? "Pause all" : "Play all";
    }
    this.slider.value = this.tick;
    const digits = String(this.ticks).length;
    this.label.textContent = `${String(this.tick + 1).padStart(digits, "\u2007")} / ${this.ticks}`;
    this.pace.textContent = `${SPEEDS[this.speed]}×`;
    this.pace.title = "Speed";
    this.pace.setAttribute("aria-label", `Speed ${SPEEDS[this.speed]}`);
    this.again.title = this.loop ? "Repeats" : "Stops at the end";
    this.again.setAttribute("aria-label", "Repeat");
    this.again.setAttribute("aria-pressed", String(this.loop));
  }

  // Where a clip is at a moment of the shared time: a shorter one holds its last frame.
  at(clip, seconds) {
    return Math.min(seconds, (clip.frames - 0.5) / clip.fps);
  }

  // Every clip at the middle of a frame; answers when all of them show it, and whether that is
  // still wanted.
  async seek(tick) {
    const turn = ++this.turn;
    this.tick = tick;
    this.started = true;
    this.root.classList.add("started");
    this.draw();
    const seconds = (tick + 0.5) / this.rate;
    await Promise.all(
      this.clips.map((clip) => {
        clip.video.pause();
        const shown = once(clip.video, ["seeked", "error"]);
        clip.video.currentTime = this.at(clip, seconds);
        return shown;
      }),
    );
    return turn === this.turn && !this.closed;
  }

  toggle() {
    this.wanted = !this.wanted;
    if (this.wanted && this.tick >= this.ticks - 1) this.tick = 0;
    this.draw();
    this.wanted ? this.follow() : this.hold();
  }

  // Paused by hand: all of them at one frame, whatever each had reached.
  hold() {
    this.halt();
    if (this.started) this.seek(this.tick);
  }

  halt() {
    this.turn += 1;
    cancelAnimationFrame(this.beat);
    for (const { video } of this.clips) video.pause();
  }

  scrub(tick) {
    this.wanted = false;
    cancelAnimationFrame(this.beat);
    this.tick = tick;
    this.draw();
    // While the clips are on their way to one frame the next ones are only noted, not queued.
    if (this.seeking) return;
    this.seeking = true;
    const chase = async () => {
      let reached;
      do {
        reached = this.tick;
        await this.seek(reached);
      } while (reached !== this.tick && !this.wanted && !this.closed);
      this.seeking = false;
    };
    chase();
  }

  // Play from where the scrubber is. All clips start from the same moment or not at all.
  async follow() {
    if (!this.wanted || !this.visible || this.closed) return;
    if (!(await this.seek(this.tick)) || !this.wanted || !this.visible) return;
    const turn = this.turn;
    const running = this.clips.filter((clip) => !this.over(clip, (this.tick + 0.5) / this.rate));
    for (const { video } of running) video.playbackRate = SPEEDS[this.speed];
    try {
      await Promise.all(running.map(({ video }) => video.play()));
    } catch (error) {
      if (turn !== this.turn) return; // paused before it began
      console.warn("churnboard: this browser plays nothing by itself", error);
      this.wanted = false;
      this.hold();
      return;
    }
    if (turn === this.turn) this.watch(turn);
  }

  over(clip, seconds) {
    return seconds >= (clip.frames - 0.5) / clip.fps;
  }

  watch(turn) {
    if (turn !== this.turn || this.closed) return;
    const leader = this.clips.reduce((a, b) => (b.frames / b.fps > a.frames / a.fps ? b : a));
    const now = leader.video.currentTime;
    if (leader.video.ended) {
      this.finish();
      return;
    }
    for (const clip of this.clips) {
      const behind = Math.abs(clip.video.currentTime - this.at(clip, now));
      if (clip !== leader && !this.over(clip, now) && !clip.video.seeking && behind > 0.5 / clip.fps) {
        clip.video.currentTime = now;
      }
    }
    const tick = Math.min(this.ticks - 1, Math.floor(now * this.rate + 1e-6));
    if (tick !== this.tick) {
      this.tick = tick;
      this.draw();
    }
    this.beat = requestAnimationFrame(() => this.watch(turn));
  }

  finish() {
    if (this.loop) {
      this.tick = 0;
      this.follow();
      return;
    }
    this.wanted = false;
    this.tick = this.ticks - 1;
    this.hold();
  }

  close() {
    this.closed = true;
    this.sight?.disconnect();
    this.halt();
    this.root.remove();
  }
}

export default function ({ data, parentElement }) {
  const told = JSON.stringify(data);
  const before = players.get(parentElement);
  if (before?.told !== told) {
    before?.player.close();
    players.set(parentElement, { told, player: new Player(parentElement, data) });
  }
  return () => {
    players.get(parentElement)?.player.close();
    players.delete(parentElement);
  };
}
