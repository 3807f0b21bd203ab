"""How long a recording is, by its own headers: a few lines per format, a bounded number of steps, nothing decoded.

What a format does not say is not known (None): a bare AAC or AMR stream is counted frame by frame, a video without its
index is not. A header can lie; whoever forges one cheats only the field's wish for short recordings.
"""
from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from mmap import mmap

Bytes = bytes | mmap  # a file in memory, or one that is looked into where it lies

MAX_BOXES = 2000  # looked at in one container
MAX_FRAMES = 500_000  # counted in one stream: hours
LONGEST_MS = 1 << 40  # years: what is said beyond is nonsense, and as much too long
TAIL = 128 * 1024  # the last page of an Ogg file lies in here (a page has at most 65,307 bytes)

# Kilobits a second of MPEG audio, by layer III of version 1 and of versions 2 and 2.5; hertz of version 1.
_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_HERTZ = (44100, 48000, 32000)
_AAC_HERTZ = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_AMR = (12, 13, 15, 17, 19, 20, 26, 31, 5, 5)  # bytes of a frame's kind, 20 ms each
_AMR_WB = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5)


def duration_ms(data: Bytes) -> int | None:
    """Milliseconds, or None where the file does not say."""
    head = data[:16]
    try:
        for begins, read in _READERS:
            if begins(head):
                found = read(data) or 0
                return min(found, LONGEST_MS) if found > 0 else None
    except (struct.error, IndexError, ValueError, ArithmeticError):
        pass  # cut off or damaged where its length would stand: as unknown as one that has none
    return None


# ---- MP4, M4A, MOV, 3GP: a tree of boxes -----------------------------------------------------------------------------


def _boxes(data: Bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, begin of the content, end) of the boxes that lie side by side."""
    for _ in range(MAX_BOXES):
        if start + 8 > end:
            return
        size, name = struct.unpack(">I4s", data[start:start + 8])
        begin = start + 8
        if size == 1:
            (size,) = struct.unpack(">Q", data[begin:begin + 8])
            begin += 8
        stop = end if size == 0 else start + size
        if stop < begin or stop > end:
            stop = end
        yield name, begin, stop
        start = stop


def _box(data: Bytes, path: tuple[bytes, ...]) -> tuple[int, int] | None:
    found: tuple[int, int] | None = (0, len(data))
    for name in path:
        start, end = found or (0, 0)
        found = next(((begin, stop) for kind, begin, stop in _boxes(data, start, end) if kind == name), None)
        if found is None:
            return None
    return found


def _mp4(data: Bytes) -> int | None:
    header = _box(data, (b"moov", b"mvhd"))
    if header is None:
        return None
    at = header[0]
    long = data[at] == 1
    scale, length = struct.unpack(">IQ" if long else ">II", data[at + (20 if long else 12):at + (32 if long else 20)])
    if length in (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF):  # written in pieces: the sum stands elsewhere, or nowhere
        pieces = _box(data, (b"moov", b"mvex", b"mehd"))
        if pieces is None:
            return None
        at = pieces[0]
        (length,) = struct.unpack(">Q" if data[at] == 1 else ">I", data[at + 4:at + (12 if data[at] == 1 else 8)])
    return length * 1000 // scale


# ---- WAV -------------------------------------------------------------------------------------------------------------


def _wav(data: Bytes) -> int | None:
    at, per_second = 12, 0
    for _ in range(MAX_BOXES):
        name, size = struct.unpack("<4sI", data[at:at + 8])
        if name == b"fmt ":
            (per_second,) = struct.unpack("<I", data[at + 16:at + 20])
        if name == b"data":
            # A recorder that was cut off announces 0 or 4 GB: what is there counts.
            return min(size or len(data), len(data) - at - 8) * 1000 // per_second
        at += 8 + size + size % 2
    return None


# ---- streams of frames: MP3, AAC, AMR --------------------------------------------------------------------------------


def _after_tag(data: Bytes) -> int:
    """Where the sound begins behind an ID3 tag, whose length is written in 7 bits a byte."""
    if data[:3] != b"ID3":
        return 0
    length = 0
    for byte in data[6:10]:
        length = length << 7 | byte & 127
    return 10 + length


def _mp3(data: Bytes) -> int | None:
    at, milliseconds, count = _after_tag(data), 0.0, 0
    while count < MAX_FRAMES:
        frame = data[at:at + 4]
        if len(frame) < 4 or frame[0] != 255 or frame[1] & 0xE6 != 0xE2:  # layer III only
            break
        version = frame[1] >> 3 & 3  # 3: version 1, 2: version 2, 0: version 2.5
        kilobits = (_RATES_1 if version == 3 else _RATES_2)[frame[2] >> 4]
        hertz = _HERTZ[frame[2] >> 2 & 3] // {3: 1, 2: 2, 0: 4}[version]
        samples = 1152 if version == 3 else 576
        at += samples * 125 * kilobits // hertz + (frame[2] >> 1 & 1)
        milliseconds += samples * 1000 / hertz
        count += 1
        if not kilobits:
            return None
    return round(milliseconds) if count > 1 else None


def _aac(data: Bytes) -> int | None:
    at, milliseconds, count = _after_tag(data), 0.0, 0
    while count < MAX_FRAMES:
        frame = data[at:at + 7]
        if len(frame) < 7 or frame[0] != 255 or frame[1] & 0xF6 != 0xF0:
            break
        size = (frame[3] & 3) << 11 | frame[4] << 3 | frame[5] >> 5
        milliseconds += ((frame[6] & 3) + 1) * 1024 * 1000 / _AAC_HERTZ[frame[2] >> 2 & 15]
        count += 1
        if size < 7:
            return None
        at += size
    return round(milliseconds) if count > 1 else None


def _amr(data: Bytes) -> int | None:
    wide = data[:9] == b"#!AMR-WB\n"
    at, count = (9, 0) if wide else (6, 0)
    while at < len(data) and count < MAX_FRAMES:
        kind = data[at] >> 3 & 15
        at += (_AMR_WB if wide else _AMR)[kind] + 1 if kind < 10 else 1
        count += 1
    return count * 20


# ---- Ogg, FLAC -------------------------------------------------------------------------------------------------------


def _ogg(data: Bytes) -> int | None:
    head = data[:200]
    opus, vorbis = head.find(b"OpusHead"), head.find(b"\x01vorbis")
    if opus >= 0:
        (skip,) = struct.unpack("<H", head[opus + 10:opus + 12])
        hertz = 48000
    elif vorbis >= 0:
        skip, (hertz,) = 0, struct.unpack("<I", head[vorbis + 12:vorbis + 16])
    else:
        return None
    tail = data[max(0, len(data) - TAIL):]
    page = tail.rfind(b"OggS")
    (samples,) = struct.unpack("<q", tail[page + 6:page + 14])
    return max(0, samples - skip) * 1000 // hertz


def _flac(data: Bytes) -> int | None:
    told = int.from_bytes(data[18:26], "big")  # 20 bits hertz, 3 channels, 5 depth, 36 samples
    return (told & (1 << 36) - 1) * 1000 // (told >> 44)


# ---- WebM: a tree of elements ----------------------------------------------------------------------------------------


def _number(data: Bytes, at: int, keep_mark: bool) -> tuple[int, int]:
    """A number whose first byte says how long it is; returns (value, where it ends)."""
    first = data[at]
    length = 9 - first.bit_length()
    if length > 8:
        raise ValueError("not a number")
    value = int.from_bytes(data[at:at + length], "big")
    return value if keep_mark else value & (1 << 7 * length) - 1, at + length


def _elements(data: Bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(id, begin of the content, end) of the elements that lie side by side; one of unknown length goes to the end."""
    for _ in range(MAX_BOXES):
        if start >= end:
            return
        ident, at = _number(data, start, keep_mark=True)
        mark = at
        size, at = _number(data, at, keep_mark=False)
        unknown = size == (1 << 7 * (at - mark)) - 1
        stop = end if unknown else min(end, at + size)
        yield ident, at, stop
        start = stop


def _webm(data: Bytes) -> int | None:
    segment = next((found for found in _elements(data, 0, len(data)) if found[0] == 0x18538067), None)
    if segment is None:
        return None
    for ident, begin, end in _elements(data, segment[1], segment[2]):
        if ident == 0x1549A966:  # Info; what a browser recorded has one without the length
            told = {name: data[at:stop][:8] for name, at, stop in _elements(data, begin, end)}
            scale = int.from_bytes(told.get(0x2AD7B1, b"\x0f\x42\x40"), "big")  # nanoseconds a tick
            length = told.get(0x4489)
            if length is None:
                return None
            (ticks,) = struct.unpack(">f" if len(length) == 4 else ">d", length)
            return int(ticks * scale / 1_000_000)
    return None


_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[Bytes], int | None]], ...] = (
    (lambda head: head[4:8] in (b"ftyp", b"moov", b"wide", b"mdat", b"free", b"skip"), _mp4),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE", _wav),
    (lambda head: head[:4] == b"OggS", _ogg),
    (lambda head: head[:4] == b"fLaC", _flac),
    (lambda head: head[:4] == b"\x1aE\xdf\xa3", _webm),
    (lambda head: head[:5] == b"#!AMR", _amr),
    (lambda head: head[:1] == b"\xff" and head[1:2] != b"" and head[1] & 0xF6 == 0xF0, _aac),
    (lambda head: head[:3] == b"ID3" or head[:1] == b"\xff", _mp3),
)
