"""A place: coordinates in a named system, words, or both."""
from __future__ import annotations

from typing import Any

from app.core.errors import Problem
from app.core.expressions.numbers import plain, round_to
from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, Posted, names, ui
from app.forms.fields.number import read_decimal
from app.forms.keys import Str
from app.forms.text import brief, clean_text

SYSTEMS = {
    "gcj02": names("国测局 GCJ-02（腾讯、高德）", "GCJ-02 (Tencent, Amap)"),
    "wgs84": names("WGS-84（GPS）", "WGS-84 (GPS)"), "bd09": names("百度 BD-09", "BD-09 (Baidu)"),
}
_PLACES = 6  # decimals of a degree: 11 cm


class Settings(base.Settings):
    coord = Str(choices=SYSTEMS, load_default="gcj02", metadata=ui("坐标系", "Coordinates", "select", options=SYSTEMS))


class Location(FieldType):
    type = "location"
    label = names("位置", "Location")
    group = "contact"
    icon = "location"
    value_type = "any"
    in_rows = False
    Settings = Settings

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        if not isinstance(raw, dict):
            raise Problem("answer_not_location")
        for key in raw:
            if key not in ("lat", "lng", "coord", "text"):
                raise Problem("answer_key_unknown", key=brief(key))
        coord = raw.get("coord") or field.settings["coord"]
        if coord != field.settings["coord"]:
            raise Problem("answer_other_coordinates", coord=field.settings["coord"])
        text = clean_text(raw.get("text") or "", max_length=200)
        lat, lng = _degrees(raw.get("lat"), 90), _degrees(raw.get("lng"), 180)
        if (lat is None) != (lng is None):
            raise Problem("answer_half_location")
        if lat is None:
            return {"text": text} if text else None
        return {"lat": lat, "lng": lng, "coord": coord, **({"text": text} if text else {})}

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        place = f"{value['lat']}, {value['lng']}" if "lat" in value else ""
        return f"{value['text']} ({place})" if place and value.get("text") else str(value.get("text") or place)

    def is_stored(self, field: Field, value: Any) -> bool:
        return isinstance(value, dict) and ("lat" in value) == ("lng" in value)

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        place = f"{value['lat']},{value['lng']}" if "lat" in value else ""
        return f"{place} {value.get('text', '')}".strip()

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        place, _, text = cell.strip().partition(" ")
        lat, comma, lng = place.partition(",")
        try:
            if comma and read_decimal(lat) is not None and read_decimal(lng) is not None:
                return {"lat": lat, "lng": lng, "text": text}
        except Problem:
            return {"text": cell.strip()}  # not coordinates: an address with a comma
        return {"text": cell.strip()}

    def sample(self, field: Field) -> Any:
        return {"lat": "30.25", "lng": "120.16", "coord": field.settings["coord"], "text": "杭州湖滨"}

    def from_form(self, field: Field, posted: Posted, name: str) -> Any:
        parts = {key: (posted.getlist(f"{name}.{key}") or [""])[0] for key in ("lat", "lng", "text")}
        return {key: value for key, value in parts.items() if value} or None


def _degrees(raw: Any, limit: int) -> str | None:
    value = read_decimal(raw)
    if value is None:
        return None
    if abs(value) > limit:
        raise Problem("answer_not_location")
    return plain(round_to(value, _PLACES))
