"""The units of the catalogue, enumerated: what places are counted in, and what facts are measured in."""

from enum import StrEnum


class Unit(StrEnum):
    """What the capacity of a resource counts; `whole` is for what is taken as one."""

    WHOLE = "whole"
    STATION = "station"
    PALLET = "pallet"
    HALF_PALLET = "half_pallet"
    BULK_BIN = "bulk_bin"
    CRATE = "crate"
    CRATE_60X40 = "crate_60x40"
    CRATE_40X30 = "crate_40x30"
    SHELF = "shelf"
    LOCKER = "locker"
    PIECE = "piece"
    KIT = "kit"
    ROOM = "room"
    VEHICLE = "vehicle"
    PLACE = "place"
    BED = "bed"
    PLOT = "plot"
    M2 = "m2"


# What people may bring in other units than those a resource counts: its manager says how many fill one.
PACKS = (Unit.HALF_PALLET, Unit.BULK_BIN, Unit.CRATE_60X40, Unit.CRATE_40X30)


class Measure(StrEnum):
    """What the number in a fact measures."""

    M2 = "m2"
    M3 = "m3"
    CM = "cm"
    KM = "km"
    KG = "kg"
    KG_PER_H = "kg_per_h"
    L = "L"
    KW = "kW"
    CELSIUS = "celsius"
    PERSONS = "persons"
    MEALS_PER_DAY = "meals_per_day"
    PALLETS = "pallets"
    HOURS = "hours"
    MONTHS = "months"
    YEARS = "years"
    EURO = "euro"
    EURO_PER_KM = "euro_per_km"
