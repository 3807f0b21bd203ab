"""The field types that come with the product, one module each; a new one is a class, a template and a line here."""
from __future__ import annotations

from app.core.catalog import Catalog
from app.forms.base import FieldType
from app.forms.fields.address import Address
from app.forms.fields.checkbox import Checkbox
from app.forms.fields.computed import Computed
from app.forms.fields.consent import Consent
from app.forms.fields.customer import Customer
from app.forms.fields.date import Date
from app.forms.fields.daterange import DateRange
from app.forms.fields.datetime import DateTime
from app.forms.fields.divider import Divider
from app.forms.fields.email import Email
from app.forms.fields.file import File
from app.forms.fields.hidden import Hidden
from app.forms.fields.idcard import IdCard
from app.forms.fields.images import Images
from app.forms.fields.location import Location
from app.forms.fields.media import Media
from app.forms.fields.money import Money
from app.forms.fields.multiselect import Multiselect
from app.forms.fields.notice import Notice
from app.forms.fields.number import Number
from app.forms.fields.person import Person
from app.forms.fields.phone import Phone
from app.forms.fields.radio import Radio
from app.forms.fields.rating import Rating
from app.forms.fields.reference import Reference
from app.forms.fields.region import Region
from app.forms.fields.scale import Scale
from app.forms.fields.scan import Scan
from app.forms.fields.select import Select
from app.forms.fields.signature import Signature
from app.forms.fields.subtable import Subtable
from app.forms.fields.switch import Switch
from app.forms.fields.text import Text
from app.forms.fields.textarea import Textarea
from app.forms.fields.time import Time
from app.forms.fields.url import Url

TYPES: tuple[type[FieldType], ...] = (
    Text, Textarea, Scan, Number, Money, Phone, Email, Url, IdCard, Radio, Select, Checkbox, Multiselect, Switch,
    Rating, Scale, Date, Time, DateTime, DateRange, Images, Media, File, Signature, Location, Region, Address,
    Person, Reference, Customer, Subtable, Computed, Consent, Notice, Divider, Hidden,
)


def register(catalog: Catalog) -> None:
    """Put every field type of the product into one application's catalogue."""
    for kind in TYPES:
        catalog.fields.add(kind.type, kind())
