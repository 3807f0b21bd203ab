"""Sound and video of a given length, made by bytes: right in everything that tells how long they are, else silent."""
from __future__ import annotations

import struct


def box(name: bytes, content: bytes) -> bytes:
    """A box of an MP4 file."""
    return struct.pack(">I4s", 8 + len(content), name) + content


def mp4(size: int = 2000, seconds: float = 1, *, last: bool = False, long: bool = False, pieces: bool = False,
        brand: bytes = b"mp42") -> bytes:
    """A film of `size` bytes. `last`: its index stands at the end; `long`: with 64-bit numbers; `pieces`: as browsers
    record."""
    told = 0 if pieces else int(seconds * 1000)
    header = struct.pack(">IQQIQ", 1 << 24, 0, 0, 1000, told) if long else struct.pack(">IIIII", 0, 0, 0, 1000, told)
    more = box(b"mvex", box(b"mehd", struct.pack(">II", 0, int(seconds * 1000)))) if pieces else b""
    index = box(b"moov", box(b"mvhd", header + b"\0" * 80) + more)
    head = box(b"ftyp", brand + b"\0\0\0\0" + brand + b"isom")
    film = box(b"mdat", (bytes(range(256)) * (size // 256 + 1))[:size - len(head) - len(index) - 8])
    return head + film + index if last else head + index + film


def wav(seconds: float = 1, announced: int | None = None) -> bytes:
    """Sound of 8,000 bytes a second."""
    data = b"\x80" * int(8000 * seconds)
    parts = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"LIST" + struct.pack("<I", 3) + b"abc\0"
    told = len(data) if announced is None else announced
    body = b"WAVE" + parts + b"data" + struct.pack("<I", told) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def mp3(seconds: float = 1, tag: int = 0) -> bytes:
    """128 kbit/s at 44,100 Hz: frames of 417 bytes, 1,152 samples each; behind an ID3 tag of `tag` bytes."""
    head = b"ID3\x04\0\0" + bytes([0, 0, tag >> 7, tag & 127]) + b"\0" * tag if tag else b""
    return head + (b"\xff\xfb\x90\x00" + b"\0" * 413) * round(seconds * 44100 / 1152)


def aac(seconds: float = 1) -> bytes:
    """Frames of 100 bytes, 1,024 samples each, at 44,100 Hz."""
    head = bytes([0xFF, 0xF1, 4 << 2, 0, 100 >> 3, (100 & 7) << 5, 0xFC])
    return (head + b"\0" * 93) * round(seconds * 44100 / 1024)


def amr(seconds: float = 1) -> bytes:
    """Frames of 20 ms, as phones record speech."""
    return b"#!AMR\n" + (b"\x3c" + b"\0" * 31) * int(seconds * 50)


def ogg(seconds: float = 1, codec: str = "opus") -> bytes:
    """Two pages: the codec's header, and the end."""
    def page(samples: int, content: bytes) -> bytes:
        return b"OggS\0\0" + struct.pack("<qIIIBB", samples, 1, 0, 0, 1, len(content)) + content
    if codec == "opus":
        return page(0, b"OpusHead\x01\x01" + struct.pack("<HI", 312, 48000) + b"\0" * 3) + page(
            int(seconds * 48000) + 312, b"\0" * 90)
    head = b"\x01vorbis" + struct.pack("<IBI", 0, 1, 44100) + b"\0" * 9
    return page(0, head) + page(int(seconds * 44100), b"\0" * 90)


def flac(seconds: float = 1) -> bytes:
    """Only what stands in front."""
    told = 44100 << 44 | 15 << 36 | int(seconds * 44100)
    return b"fLaC\x80\0\0\x22" + b"\0" * 10 + told.to_bytes(8, "big") + b"\0" * 200


def webm(seconds: float | None = 1) -> bytes:
    """A film; None: as browsers record, without its length."""
    def element(ident: str, content: bytes) -> bytes:
        return bytes.fromhex(ident) + bytes([0x40 | len(content) >> 8, len(content) & 255]) + content
    length = b"" if seconds is None else element("4489", struct.pack(">d", seconds * 1000))
    info = element("1549a966", element("2ad7b1", (1_000_000).to_bytes(3, "big")) + length)
    head = element("1a45dfa3", element("4282", b"webm"))
    return head + bytes.fromhex("18538067") + b"\x01" + b"\xff" * 7 + element("114d9b74", b"") + info + b"\0" * 100
