"""Photos and scans of Pillow, with the notes and profiles that cameras leave."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageCms, PngImagePlugin

from tests.corpus.sample import Sample, honest


def sample(chance: random.Random, number: int) -> Sample:
    width, height = chance.randint(8, 300), chance.randint(8, 300)
    picture = Image.frombytes("L", (width, height), chance.randbytes(width * height))
    picture = picture.convert(chance.choice(("L", "RGB")))
    target = io.BytesIO()
    profile = _profile() if chance.random() < 0.4 else None
    if chance.random() < 0.5:
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Software", "Example 1.0 <x@example.com>")
        notes.add_itxt("Title", "Ada’s certificate")
        picture.save(target, "PNG", pnginfo=notes, icc_profile=profile)
        return honest("picture", f"{number} PNG", f"photo-{number}.png", target.getvalue())
    exif = Image.Exif()
    exif[0x010F], exif[0x0131] = "Example camera", "Example 2.0"
    picture.save(
        target,
        "JPEG",
        quality=chance.randint(30, 95),
        progressive=chance.random() < 0.5,
        exif=exif,
        icc_profile=profile,
        comment=b"taken by Ada",
    )
    return honest("picture", f"{number} JPEG", f"photo-{number}.{chance.choice(('jpg', 'jpeg'))}", target.getvalue())


def _profile() -> bytes:
    """A profile of colours that does not tell when it was made."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + bytes(12) + made[36:]
