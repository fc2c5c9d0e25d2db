"""Which node of ComfyUI calls a model, and what it makes (pure).

Kinds of things: `image`, `video`, `audio`, `text`, `3d`, `vector`, `mask`. What is not known by its
name is told by the kinds of its outputs, where the format states them. That is a reading, and no
documentation: a node that none of the rules knows is no step.
"""

from __future__ import annotations

import re

from leaderboard.workflows.comfy_graph import Node

_SAMPLER = re.compile(r"^KSampler(?!Select)|^SamplerCustom")
_LOCAL: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^ImageUpscaleWithModel|^UltimateSDUpscale"), "upscale"),
    (re.compile(r"^FrameInterpolate$|(RIFE|FILM|AMT|GMFSS).*VFI"), "interpolate"),
    (re.compile(r"^TextGenerate|QwenVL|Florence2Run|^JoyCaption|^Ollama"), "language"),
    (re.compile(r"^(SAM\d|RemoveBackground$|BiRefNet|InspyrenetRembg)"), "segmentation"),
    (
        re.compile(
            r"^(RTDETR_detect|MoGe\w*Inference|DA3Inference|SDPoseKeypointExtractor"
            r"|DepthAnything\w*|DWPreprocessor|SAM3DBody_Predict)$"
        ),
        "perception",
    ),
    (re.compile(r"^YuE2Generate|^SheetSage|Whisper"), "audio"),
)
_NO_STEP = re.compile(r"Loader|Preview|_FaceExpression|_Smooth|_Render")
_VENDORS = re.compile(
    r"^(Beeble|Bria|ByteDance|Clarity|Claude|ElevenLabs|FishAudio|Flux\w*Node$|Gemini|Grok|HappyHorse"
    r"|HeyGen|Higgsfield|HitPaw|Hunyuan\w*Api$|Ideogram(?!4Scheduler)|Kling|Krea|LtxApi|Luma|Magnific"
    r"|Meshy|MetaMuse|Mini[mM]ax(?=Hailuo)|Mirelo|Moonvalley|OpenAI|OpenRouter|Pika|Pixverse|Pruna"
    r"|Quiver|QwenImage\w*Api$|Recraft|Rodin3D|Runway|Sonilo|Stability|Sync(?=[A-Z])|Tencent|Topaz"
    r"|Tripo(?!Splat)|Veed|Veo|Vidu|Wan\w*Api$|Wavespeed)"
)
_HANDLE = re.compile(
    r"Selector|Config|Controls?$|ColorRGB|InputFiles|ReferenceNode$|Keyframe|PromptImage|Template"
    r"|Asset|CreateStyle|Library|StyleV3|VoiceClone|StyleReference"
)
"""Of a vendor, and only prepares a call: a choice, a style, an upload."""
_LANGUAGE = re.compile(
    r"Chat|LLM|Claude|ContextIR|^GeminiNode(V\d)?$|^ByteDanceSeedNode$|JsonPrompt"
)
_CUT_OUT = re.compile(r"Background|GreenScreen|LayerSeparation|Matting")
_LARGER = re.compile(r"Upscal|Enhance|IncreaseResolution|FlashVSR|Crystal|SuperResolution", re.I)
_SPEECH = re.compile(r"Speech|Voice|Music|Sound|SFX|Dialogue|Audio|Lyria", re.I)
_MESH = re.compile(r"^(Tripo|Meshy|Rodin|Tencent)|3D|ToModel")


def is_sampler(node: Node) -> bool:
    """Whether it runs a diffusion model on a latent."""
    return bool(_SAMPLER.match(node.type)) and not node.off


def local_task(node: Node) -> str | None:
    """The task of a node that runs another model whole; None if it is none."""
    if node.off or _NO_STEP.search(node.type):
        return None
    return next((task for known, task in _LOCAL if known.search(node.type)), None)


def made_by_vendor(node: Node) -> str | None:
    """The kind of thing that a call of somebody's service gives; None if it is no such call."""
    if node.off or not _VENDORS.match(node.type) or _is_handle(node):
        return None
    if _LANGUAGE.search(node.type) and not ({"IMAGE", "VIDEO"} & set(node.outputs)):
        return "text"
    return _by_outputs(node) if node.outputs else _by_name(node.type)


def kinds_loaded(node: Node) -> str | None:
    """What a node brings in from a file, or None."""
    found = re.match(r"^(?:VHS_)?(?:Load|Record)(Image|Video|Audio)", node.type)
    return None if found is None or node.off else found[1].lower()


def shown_as(node: Node) -> str | None:
    """What a node saves or shows, which says what came to it."""
    if re.search(
        r"^CreateVideo$|SaveVideo|SaveWEBM|AnimatedWEBP|AnimatedPNG|VideoCombine", node.type
    ):
        return "video"
    if re.search(r"^SaveAudio|^PreviewAudio", node.type):
        return "audio"
    if re.search(r"GLB|3D|Mesh|Splat|Voxel|Trellis", node.type):
        return "3d"
    if re.match(r"^(SaveImage|PreviewImage|ImageCompare)", node.type):
        return "image"
    return None


def numbers_only(node: Node) -> bool:
    """Whether what comes out of it is a number, however it was found."""
    return bool(
        re.match(
            r"^(GetImageSize|Primitive(?!StringMultiline)|ComfyMath|ComfyNumber|Resolution"
            r"|GetVideoInfo|StringLength|INTConstant)",
            node.type,
        )
    )


def single_frame(node: Node) -> bool:
    """Whether it takes one picture out of several."""
    return bool(re.match(r"^(ImageFromBatch|GetItemFromList|GetImageRange)", node.type))


def larger(type_: str) -> bool:
    """Whether a node's name says that it makes things larger or cleaner."""
    return bool(_LARGER.search(type_))


def cuts_out(type_: str) -> bool:
    """Whether a node's name says that it removes a background."""
    return bool(_CUT_OUT.search(type_))


def _is_handle(node: Node) -> bool:
    media = {"IMAGE", "VIDEO", "AUDIO", "SVG"} & set(node.outputs)
    return bool(_HANDLE.search(node.type)) and not media


def _by_outputs(node: Node) -> str | None:
    kinds = set(node.outputs)
    if any(one.startswith(("FILE_3D", "MESH")) or "TASK_ID" in one for one in kinds) and (
        "VIDEO" not in kinds
    ):
        return "3d"
    for kind, thing in (
        ("VIDEO", "video"),
        ("IMAGE", "image"),
        ("SVG", "vector"),
        ("AUDIO", "audio"),
        ("MASK", "mask"),
    ):
        if kind in kinds:
            return thing
    if "STRING" in kinds and _SPEECH.search(node.type):
        return "audio"
    return "3d" if _MESH.search(node.type) else None


def _by_name(type_: str) -> str | None:
    """What the name of a call says, as the API format states no kinds."""
    if "SVG" in type_ or "Vector" in type_:
        return "vector"
    if re.search(
        r"Video(?!ToSFX|ToMusic|ToSound)|FirstLastFrame|StartEnd|Avatar|LipSync|Lipsync", type_
    ):
        return "video"
    if _SPEECH.search(type_):
        return "audio"
    if _MESH.search(type_):
        return "3d"
    return "image"
