"""A procedural world with exact truth, so that the harness itself can be measured.

::

    scenes       caption grammar and exact renderer
    silhouettes  its shapes, as distances
    readback     picture -> the words of the caption it honours
    evidence     what one picture says about one attribute, which both readings share
    corpus       rendered training data and the split of captions into seen and unseen
    suite        composes the calibration suite from unseen captions
    motions      captions of clips and their exact renderer
    clip_readback   clip -> the words of the caption it honours
    track           finds the object in each frame (motion_reading: what it does)
    clip_suite      composes the calibration suites of clips
    clip_corpus  rendered clips to train on, and the split of their captions
    networks     the architectures of the reference models, in stock diffusers and open_clip classes
    fitting      the training loop they share
    autoencoder  trains the autoencoder that every reference model uses
    lessons      what judges are taught with, and the pupil
    judge        trains the judge
    second_judge trains another one, of another architecture, that errs elsewhere
    eye          trains a third, which sees only whether a picture is clean (damage: what it is not)
    clip_lessons what a judge of clips is taught with: contact sheets
    motion_judge trains it
    diffusion    trains the reference models of pictures
    styles        looks that a drawing can be given afterwards
    variants      trains LoRAs over one of them: three styles, and one that teaches nothing
    clip_networks  architectures of the reference models of clips
    clip_diffusion  trains those of text-to-video
    clip_control  trains the one of image-to-video
    enlarging     a drawing, and the same drawing larger
    upscale_suite    composes the calibration suite of upscaling
    upscale_corpus   drawings in two sizes to train on
    upscale_networks architectures of the reference upscaler
    upscale_autoencoder  trains its autoencoder (upscaler: itself)
    train        one command for all stages of training
    examine      what trained networks can do, by readback, before they are published
    validity     how far a judge can be trusted (clip_validity: a judge of clips)
    publish      finished training -> the folders under data/reference
"""
