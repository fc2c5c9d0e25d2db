"""Figures measured elsewhere for the shipped architectures, as the oracle of ours.

Counted with torch's FlopCounterMode on the meta device, bf16, one forward of one sample at the
defaults; text encoder, VAE and elementwise work left out. The program never reads this file.
"""

from __future__ import annotations

# model -> parameters, FLOPs of one forward
MEASURED = {
    "sd1.5": (859520964, 803273441280),
    "sdxl-base": (2567463684, 6761236398080),
    "sd3.5-large": (8056627520, 31121114907648),
    "flux.1-dev": (11901408320, 74384653418496),
    "flux.1-schnell": (11891178560, 69466626981888),
    "flux.2-dev": (32223281152, 282599551401984),
    "flux.2-klein-4b": (3875544576, 34820178051072),
    "z-image-turbo": (6154908736, 55605935865856),
    "wan2.1-t2v-1.3b-480p": (1418996800, 283001787777024),
    "wan2.1-t2v-14b-480p": (14288491584, 1678370283192320),
    "wan2.2-t2v-a14b-720p": (14288491584, 6523436592005120),
    "hunyuanvideo-720p": (12821012544, 12068467947601920),
    "hunyuanvideo1.5-480p": (8326608160, 1441787630936064),
    "cogvideox-5b": (5570283072, 332197712101376),
    "ltx-video-13b": (13042569344, 210831792930816),
}

# model -> tokens of the picture or clip, forwards of one generation
PUBLISHED = {
    "sd1.5": (4096, 100),
    "sdxl-base": (16384, 100),
    "sd3.5-large": (4096, 80),
    "sd3.5-medium": (4096, 100),
    "flux.1-dev": (4096, 28),
    "flux.1-schnell": (4096, 4),
    "flux.2-dev": (4096, 50),
    "flux.2-klein-4b": (4096, 4),
    "flux.2-klein-9b": (4096, 4),
    "qwen-image": (6889, 100),
    "z-image-turbo": (4096, 8),
    "wan2.1-t2v-1.3b-480p": (32760, 100),
    "wan2.1-t2v-14b-480p": (32760, 100),
    "wan2.1-t2v-14b-720p": (75600, 100),
    "wan2.2-t2v-a14b-720p": (75600, 80),
    "wan2.2-ti2v-5b-704p": (27280, 100),
    "hunyuanvideo-720p": (118800, 50),
    "hunyuanvideo1.5-480p": (49290, 100),
    "hunyuanvideo1.5-720p": (111600, 100),
    "cogvideox-5b": (17550, 100),
    "ltx-video-2b": (7392, 100),
    "ltx-video-13b": (7392, 60),
    "mochi-1-preview": (44520, 128),
}

# model -> FLOP per byte of matrix products, convolutions and attention; of every operation
INTENSITY = {
    "flux.1-dev": (1149, 160),
    "sd3.5-large": (832, 111),
    "wan2.1-t2v-1.3b-480p": (2416, 378),
    "wan2.1-t2v-14b-480p": (3711, 530),
    "wan2.1-t2v-14b-720p": (6496, 898),
}

# tokens, batch -> the same of llama-3.1-8b with nothing in its cache
LLM_INTENSITY = {(200, 1): (183, 138), (1, 1): (1, 1), (1, 32): (32, 30), (1, 256): (233, 174)}

# model -> parameters, FLOPs of a prompt of 200 tokens
LLMS = {
    "llama-3.1-8b": (8030261248, 3022834892800),
    "llama-3.1-70b": (70553706496, 27905543372800),
}

# model, GPU, seconds -> share of the peak that the latency implies
MFU = {
    ("wan2.1-t2v-1.3b-480p", "H100-SXM", 95): 0.301,
    ("wan2.1-t2v-14b-480p", "H100-SXM", 467): 0.363,
    ("wan2.1-t2v-14b-720p", "H100-SXM", 1875): 0.352,
    ("wan2.1-t2v-14b-720p", "H100-SXM", 1837.9): 0.359,
    ("wan2.2-t2v-a14b-720p", "H100-SXM", 1041.5): 0.506,
    ("hunyuanvideo-720p", "H100-SXM", 1689): 0.361,
    ("cogvideox-5b", "H100-SXM", 124): 0.271,
    ("flux.1-dev", "H100-SXM", 6.46): 0.326,
    ("wan2.1-t2v-1.3b-480p", "RTX4090", 261.4): 0.655,
    ("wan2.2-t2v-a14b-720p", "A100-80G-SXM", 2735.7): 0.611,
}

# model -> arguments of its forward at the defaults: shapes of tensors, plain values of the rest
FORWARDS = {
    "sd1.5": {"sample": (1, 4, 64, 64), "timestep": (1,), "encoder_hidden_states": (1, 77, 768)},
    "sdxl-base": {
        "sample": (1, 4, 128, 128),
        "timestep": (1,),
        "encoder_hidden_states": (1, 77, 2048),
        "added_cond_kwargs": {"text_embeds": (1, 1280), "time_ids": (1, 6)},
    },
    "sd3.5-large": {
        "hidden_states": (1, 16, 128, 128),
        "encoder_hidden_states": (1, 333, 4096),
        "pooled_projections": (1, 2048),
        "timestep": (1,),
    },
    "sd3.5-medium": {
        "hidden_states": (1, 16, 128, 128),
        "encoder_hidden_states": (1, 333, 4096),
        "pooled_projections": (1, 2048),
        "timestep": (1,),
    },
    "flux.1-dev": {
        "hidden_states": (1, 4096, 64),
        "encoder_hidden_states": (1, 512, 4096),
        "pooled_projections": (1, 768),
        "timestep": (1,),
        "img_ids": (4096, 3),
        "txt_ids": (512, 3),
        "guidance": (1,),
    },
    "flux.1-schnell": {
        "hidden_states": (1, 4096, 64),
        "encoder_hidden_states": (1, 256, 4096),
        "pooled_projections": (1, 768),
        "timestep": (1,),
        "img_ids": (4096, 3),
        "txt_ids": (256, 3),
    },
    "flux.2-dev": {
        "hidden_states": (1, 4096, 128),
        "encoder_hidden_states": (1, 512, 15360),
        "timestep": (1,),
        "img_ids": (1, 4096, 4),
        "txt_ids": (1, 512, 4),
        "guidance": (1,),
    },
    "flux.2-klein-4b": {
        "hidden_states": (1, 4096, 128),
        "encoder_hidden_states": (1, 512, 7680),
        "timestep": (1,),
        "img_ids": (1, 4096, 4),
        "txt_ids": (1, 512, 4),
    },
    "flux.2-klein-9b": {
        "hidden_states": (1, 4096, 128),
        "encoder_hidden_states": (1, 512, 12288),
        "timestep": (1,),
        "img_ids": (1, 4096, 4),
        "txt_ids": (1, 512, 4),
    },
    "qwen-image": {
        "hidden_states": (1, 6889, 64),
        "encoder_hidden_states": (1, 64, 3584),
        "timestep": (1,),
        "img_shapes": (((1, 83, 83),),),
    },
    "wan2.1-t2v-1.3b-480p": {
        "hidden_states": (1, 16, 21, 60, 104),
        "timestep": (1,),
        "encoder_hidden_states": (1, 512, 4096),
    },
    "wan2.1-t2v-14b-480p": {
        "hidden_states": (1, 16, 21, 60, 104),
        "timestep": (1,),
        "encoder_hidden_states": (1, 512, 4096),
    },
    "wan2.1-t2v-14b-720p": {
        "hidden_states": (1, 16, 21, 90, 160),
        "timestep": (1,),
        "encoder_hidden_states": (1, 512, 4096),
    },
    "wan2.2-t2v-a14b-720p": {
        "hidden_states": (1, 16, 21, 90, 160),
        "timestep": (1,),
        "encoder_hidden_states": (1, 512, 4096),
    },
    "wan2.2-ti2v-5b-704p": {
        "hidden_states": (1, 48, 31, 44, 80),
        "timestep": (1,),
        "encoder_hidden_states": (1, 512, 4096),
    },
    "cogvideox-5b": {
        "hidden_states": (1, 13, 16, 60, 90),
        "encoder_hidden_states": (1, 226, 4096),
        "timestep": (1,),
        "image_rotary_emb": ((17550, 64), (17550, 64)),
    },
    "ltx-video-2b": {
        "hidden_states": (1, 7392, 128),
        "encoder_hidden_states": (1, 128, 4096),
        "timestep": (1,),
        "encoder_attention_mask": (1, 128),
        "num_frames": 21,
        "height": 16,
        "width": 22,
        "rope_interpolation_scale": (0.32, 32, 32),
    },
    "ltx-video-13b": {
        "hidden_states": (1, 7392, 128),
        "encoder_hidden_states": (1, 128, 4096),
        "timestep": (1,),
        "encoder_attention_mask": (1, 128),
        "num_frames": 21,
        "height": 16,
        "width": 22,
        "rope_interpolation_scale": (0.32, 32, 32),
    },
}
