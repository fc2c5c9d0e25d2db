"""Whether a variant is tangibly another model than its base (pure, but for `gather`).

::

    layout      embeddings of base and variant, in step, by prompt
    mmd         do the two make the same distribution of pictures? (permuted within prompts)
    axis        how far apart in style, in units of what a seed changes; what drifted in content
    vendi       how many different pictures each makes
    fdr         many variants at once: false discoveries held down
    measure     all of it for one variant; several: who is distinct
    answers     the frozen rows of it
    kinds       LoRA, fine-tune, distillation: what a variant is, by its settings and its base's
    gather      kept embeddings and recorded generations -> layouts
    report      what a refresh keeps
    fold        who is on no board, as it is no other model than its base
    words       the same in words (tables: and as a table)
"""
