"""What a generation takes: FLOPs, bytes, seconds and dollars, without weights.

In order::

    types        the nouns: networks, shots, what one forward takes, GPUs
    files        data/architectures and data/compute: TOML → types, read strictly
    resolve      a name → the architecture meant, also that of a registered model
    geometry     what is asked for → pixels, latents, tokens (pure)
    recipes      what the forward of each class of network is given (pure)
    meta         one forward on torch's meta device: parameters, FLOPs, bytes
    assumed      what a forward asks of tensors that have no content
    traffic      bytes that its operations move
    llm          language models: a prompt, and one more token
    jobs         counts: named, made once, kept in the home by what they depend on
    prediction   FLOPs → seconds, in the band that published latencies leave (pure)
    ladder       the ladder of prompts, images and clips, judged (pure)
    roofline     intensity against the ridges of GPUs, judged (pure)
    answers      the frozen answers
    needed       what has to be counted for each
    survey       the answers from the counts
    measured     measured points, as the home keeps them
    measure      workloads run on a device
    commands     `churnboard compute`
    tables       its answers for people

Only `assumed`, `traffic` and what `meta`, `llm` and `measure` do when they are called import torch.
"""
