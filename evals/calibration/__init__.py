"""A procedural world with exact truth, so that the harness itself can be measured.

::

    scenes      caption grammar and exact renderer
    readback    picture -> the words of the caption it honours
    corpus      rendered training data and the split of captions into seen and unseen
    networks    the architectures of the reference models, in stock diffusers and open_clip classes
    train       trains judge, autoencoder and diffusion models; one command, reproducible
"""
