"""All pages of the desk."""
from __future__ import annotations

from flask import Flask

from app.desk import (
    flow_page,
    frame,
    links,
    lists,
    live_pages,
    messages,
    opening,
    openings,
    parked_pages,
    plugins_page,
    reveals,
    sheet_pages,
    sources,
    staffing,
    ticket,
)


def init_app(app: Flask) -> None:
    """Install the staff pages."""
    frame.init_app(app)
    for room in (lists, ticket, flow_page, messages, opening, openings, parked_pages, plugins_page, reveals, links,
                 sources, sheet_pages, live_pages, staffing):
        app.register_blueprint(room.bp)
