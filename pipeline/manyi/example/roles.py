"""The values of the example county's truth, role by role."""

from manyi.example.truth import (
    BackgroundTruth,
    FaultCounts,
    RoleTruth,
    ScaleTruth,
    SingleTruth,
    Truth,
    everywhere,
)

#: Rooms alone change nothing: what counts is whether they are used. R7 has no effect on anyone.
NULL_INDICATOR = "R7"
R1_TO_R3 = {"R1": 1.0, "R2": 1.0, "R3": 1.0}


def _importance(prefix: str, *scales: str) -> tuple[SingleTruth, ...]:
    locations = (0.9, 0.6, 1.2, 0.3, 0.7, 1.1, 0.4, 0.5, 1.0)
    return tuple(
        SingleTruth(f"{prefix}_IMP_{scale}", location, shared=0.6)
        for scale, location in zip(scales, locations, strict=True)
    )


PARENTS = RoleTruth(
    role="parents",
    prefix="P",
    respondents=3000,
    issued=3420,
    scales=(
        ScaleTruth("GOV", (0.80, 0.74, 0.66), (0.55, 0.40, 0.75), 0.08, 0.64, {}),
        ScaleTruth(
            "RES", (0.82, 0.76, 0.70), (0.45, 0.40, 0.25), 0.12, 0.58, {"R4": 1.0, "R5": 1.0, "R6": 0.6}
        ),
        ScaleTruth("TCH", (0.72, 0.68, 0.76), (0.35, 0.15, 0.00), 0.13, 0.60, R1_TO_R3),
        ScaleTruth("ICT", (0.80, 0.78, 0.70), (0.60, 0.40, 0.10), 0.05, 0.56, {"R6": 0.6}),
        ScaleTruth("LAY", (0.72, 0.66, 0.78), (0.70, 0.20, 0.35), 0.06, 0.50, {"R4": 0.3}),
        ScaleTruth(
            "RUN",
            (0.80, 0.84, 0.66, 0.72),
            (0.70, 0.65, 0.20, 0.35),
            0.14,
            0.66,
            {"R1": 0.6, "R2": 0.5, "R3": 0.6, "R5": 0.5},
        ),
        ScaleTruth("SUP", (0.72, 0.82, 0.76), (0.10, 0.15, 0.45), 0.06, 0.64, {}),
        ScaleTruth("COG", (0.78, 0.74, 0.64), (0.25, 0.60, 0.05), 0.06, 0.62, {}),
        ScaleTruth("FAIR", (0.82, 0.68, 0.76), (0.35, 0.10, 0.55), 0.10, 0.62, {"R1": 0.3, "R4": 0.3}),
    ),
    satisfaction=ScaleTruth("SAT", (0.86, 0.82, 0.84, 0.74, 0.70), (0.55, 0.65, 0.45, 0.15, 0.60)),
    total={"R1": 0.15, "R2": 0.06, "R3": 0.10, "R4": 0.14, "R5": 0.06, "R6": 0.06, "R7": 0.0},
    background=(
        BackgroundTruth(
            "P_ROLE",
            (1, 2, 3, 4),
            {
                "urban": (0.30, 0.58, 0.10, 0.02),
                "town": (0.28, 0.52, 0.17, 0.03),
                "rural": (0.22, 0.42, 0.31, 0.05),
            },
        ),
        BackgroundTruth(
            "P_BOARD",
            (0, 1),
            {"urban": (0.90, 0.10), "town": (0.72, 0.28), "rural": (0.60, 0.40)},
            (0.0, -0.04),
        ),
        BackgroundTruth(
            "P_HUKOU",
            (1, 2, 3),
            {"urban": (0.32, 0.52, 0.16), "town": (0.66, 0.28, 0.06), "rural": (0.92, 0.06, 0.02)},
            (0.12, 0.0, -0.05),
            0.015,
        ),
        BackgroundTruth(
            "P_AWAY",
            (0, 1, 2),
            {"urban": (0.78, 0.16, 0.06), "town": (0.58, 0.26, 0.16), "rural": (0.44, 0.30, 0.26)},
            blank=0.03,
        ),
        BackgroundTruth(
            "P_EDU",
            (1, 2, 3, 4, 5, 6),
            {
                "urban": (0.03, 0.24, 0.32, 0.22, 0.17, 0.02),
                "town": (0.10, 0.42, 0.29, 0.13, 0.06, 0.0),
                "rural": (0.26, 0.48, 0.19, 0.05, 0.02, 0.0),
            },
            (0.06, 0.03, 0.0, -0.03, -0.06, -0.09),
            0.01,
        ),
        BackgroundTruth(
            "P_INC",
            (1, 2, 3, 4, 5),
            {
                "urban": (0.05, 0.17, 0.52, 0.22, 0.04),
                "town": (0.10, 0.25, 0.50, 0.13, 0.02),
                "rural": (0.17, 0.31, 0.44, 0.07, 0.01),
            },
            (0.14, 0.07, 0.0, -0.07, -0.14),
            0.03,
        ),
        BackgroundTruth(
            "P_ENTRY",
            (1, 2, 3, 4, 5),
            {
                "urban": (0.76, 0.10, 0.03, 0.09, 0.02),
                "town": (0.88, 0.06, 0.01, 0.04, 0.01),
                "rural": (0.95, 0.02, 0.0, 0.02, 0.01),
            },
            blank=0.01,
        ),
        BackgroundTruth(
            "P_EXP1",
            (1, 2, 3, 4, 5),
            everywhere(0.03, 0.09, 0.30, 0.38, 0.20),
            (0.08, 0.04, 0.0, -0.04, -0.08),
            0.01,
        ),
    ),
    fulfilment="P_EXP2",
    fulfilment_location=0.15,
    stage_effect=-0.10,
    singles=_importance("P", "GOV", "RES", "TCH", "ICT", "LAY", "RUN", "SUP", "COG", "FAIR"),
    faults=FaultCounts(46, 38, 57, 41, 6, 29, 34, 120, 18),
    grade="P_GRADE",
    paper=True,
)

TEACHERS = RoleTruth(
    role="teachers",
    prefix="T",
    respondents=600,
    issued=660,
    scales=(
        ScaleTruth("GOV", (0.78, 0.82, 0.62), (0.40, 0.50, -0.20), 0.09, 0.64, {}),
        ScaleTruth("FUND", (0.84, 0.78, 0.66), (0.20, 0.25, 0.30), 0.08, 0.58, {"R5": 0.3}),
        ScaleTruth(
            "RES", (0.82, 0.84, 0.64), (0.40, 0.25, 0.10), 0.12, 0.60, {"R4": 1.0, "R5": 0.6, "R6": 0.6}
        ),
        ScaleTruth("TCH", (0.76, 0.70, 0.68), (0.10, -0.15, 0.15), 0.12, 0.60, R1_TO_R3),
        ScaleTruth("DEV", (0.72, 0.76, 0.80), (-0.25, 0.40, 0.05), 0.16, 0.58, {"R2": 0.4}),
        ScaleTruth("ICT", (0.70, 0.68, 0.74), (0.70, 0.30, 0.05), 0.04, 0.52, {"R6": 0.6}),
        ScaleTruth("RUN", (0.78, 0.70, 0.76), (0.20, 0.60, 0.50), 0.12, 0.66, {"R1": 0.6, "R3": 0.6}),
        ScaleTruth("SUP", (0.82, 0.84, 0.68), (0.30, 0.35, 0.30), 0.05, 0.64, {}),
        ScaleTruth("COG", (0.70, 0.76, 0.74), (0.45, 0.15, 0.20), 0.05, 0.60, {}),
    ),
    satisfaction=ScaleTruth("SAT", (0.85, 0.82, 0.86, 0.74), (0.45, 0.50, 0.40, 0.10)),
    total={"R1": 0.17, "R2": 0.11, "R3": 0.08, "R4": 0.14, "R5": 0.05, "R6": 0.06, "R7": 0.0},
    background=(
        BackgroundTruth(
            "T_SEX", (1, 2), {"urban": (0.22, 0.78), "town": (0.34, 0.66), "rural": (0.46, 0.54)}, blank=0.01
        ),
        BackgroundTruth(
            "T_AGE",
            (1, 2, 3, 4),
            {
                "urban": (0.18, 0.36, 0.30, 0.16),
                "town": (0.24, 0.30, 0.27, 0.19),
                "rural": (0.32, 0.22, 0.20, 0.26),
            },
            blank=0.015,
        ),
        BackgroundTruth(
            "T_YEARS",
            (1, 2, 3, 4),
            {
                "urban": (0.16, 0.18, 0.30, 0.36),
                "town": (0.22, 0.18, 0.26, 0.34),
                "rural": (0.32, 0.16, 0.18, 0.34),
            },
            (0.09, 0.03, -0.03, -0.09),
        ),
        BackgroundTruth(
            "T_EDU",
            (1, 2, 3, 4),
            {
                "urban": (0.01, 0.15, 0.76, 0.08),
                "town": (0.02, 0.26, 0.69, 0.03),
                "rural": (0.04, 0.38, 0.57, 0.01),
            },
        ),
        BackgroundTruth(
            "T_TITLE",
            (0, 1, 2, 3, 4),
            {
                "urban": (0.06, 0.26, 0.40, 0.27, 0.01),
                "town": (0.08, 0.34, 0.38, 0.19, 0.01),
                "rural": (0.12, 0.42, 0.34, 0.12, 0.0),
            },
            blank=0.01,
        ),
        BackgroundTruth(
            "T_KEY",
            (0, 1, 2, 3),
            {
                "urban": (0.62, 0.18, 0.14, 0.06),
                "town": (0.76, 0.13, 0.09, 0.02),
                "rural": (0.85, 0.09, 0.05, 0.01),
            },
        ),
        BackgroundTruth(
            "T_POST",
            (1, 2, 3, 4),
            {
                "urban": (0.92, 0.06, 0.0, 0.02),
                "town": (0.84, 0.05, 0.08, 0.03),
                "rural": (0.72, 0.04, 0.19, 0.05),
            },
            blank=0.01,
        ),
        BackgroundTruth(
            "T_SUBJ",
            (1, 2, 3, 4, 5, 6, 7, 8, 9),
            everywhere(0.25, 0.23, 0.13, 0.11, 0.10, 0.06, 0.07, 0.03, 0.02),
        ),
        BackgroundTruth(
            "T_ROT", (0, 1), {"urban": (0.78, 0.22), "town": (0.84, 0.16), "rural": (0.90, 0.10)}, (0.0, 0.12)
        ),
        BackgroundTruth(
            "T_EXP1",
            (1, 2, 3, 4, 5),
            everywhere(0.04, 0.13, 0.34, 0.34, 0.15),
            (0.08, 0.04, 0.0, -0.04, -0.08),
        ),
    ),
    fulfilment="T_EXP2",
    fulfilment_location=-0.10,
    stage_effect=-0.05,
    singles=(
        *_importance("T", "GOV", "FUND", "RES", "TCH", "DEV", "ICT", "RUN", "SUP", "COG"),
        SingleTruth("T_MOVE", -0.45, satisfaction=-0.45),
    ),
    faults=FaultCounts(9, 8, 11, 9, 2, 7, 12, 22, 4),
    stage_item="T_STAGE",
    dont_know=0.04,
    seconds_per_question=4.5,
)

STUDENTS = RoleTruth(
    role="students",
    prefix="S",
    respondents=2500,
    issued=2680,
    scales=(
        ScaleTruth(
            "RES", (0.66, 0.78, 0.70), (0.65, 0.40, 0.35), 0.10, 0.58, {"R4": 0.8, "R5": 1.0, "R6": 0.4}
        ),
        ScaleTruth("TCH", (0.74, 0.70, 0.64), (0.75, 0.25, 0.40), 0.15, 0.62, R1_TO_R3),
        ScaleTruth("ICT", (0.76, 0.74, 0.72), (0.70, 0.45, 0.10), 0.05, 0.56, {"R6": 0.6}),
        ScaleTruth("LAY", (0.68, 0.72, 0.66), (0.45, 0.65, 0.25), 0.04, 0.48, {"R4": 0.3}),
        ScaleTruth(
            "RUN",
            (0.80, 0.74, 0.68, 0.76),
            (0.45, 0.40, 0.25, 0.45),
            0.14,
            0.66,
            {"R1": 0.3, "R3": 0.8, "R5": 0.8},
        ),
        ScaleTruth("BUR", (0.74, 0.68, 0.72), (0.15, 0.00, 0.25), 0.08, 0.42, {}),
        ScaleTruth("FAIR", (0.80, 0.76, 0.64), (0.40, 0.55, 0.15), 0.12, 0.64, {"R1": 0.3}),
        ScaleTruth("SAFE", (0.82, 0.74, 0.72), (0.75, 0.60, 0.30), 0.14, 0.64, {}),
        ScaleTruth("COG", (0.76, 0.74, 0.60), (0.20, 0.50, -0.10), 0.05, 0.62, {}),
    ),
    satisfaction=ScaleTruth("SAT", (0.84, 0.80, 0.82), (0.65, 0.75, 0.60)),
    total={"R1": 0.10, "R2": 0.05, "R3": 0.15, "R4": 0.08, "R5": 0.15, "R6": 0.06, "R7": 0.0},
    background=(
        BackgroundTruth("S_SEX", (1, 2), everywhere(0.53, 0.47), (0.0, 0.03), 0.01),
        BackgroundTruth(
            "S_BOARD",
            (0, 1),
            {"urban": (0.90, 0.10), "town": (0.72, 0.28), "rural": (0.60, 0.40)},
            (0.0, -0.06),
        ),
        BackgroundTruth(
            "S_LIVE",
            (1, 2, 3, 4),
            {
                "urban": (0.74, 0.15, 0.10, 0.01),
                "town": (0.56, 0.20, 0.22, 0.02),
                "rural": (0.40, 0.22, 0.35, 0.03),
            },
            (0.04, -0.02, -0.06, -0.10),
            0.02,
        ),
        BackgroundTruth(
            "S_TRANS",
            (0, 1),
            {"urban": (0.88, 0.12), "town": (0.95, 0.05), "rural": (0.98, 0.02)},
            blank=0.01,
        ),
    ),
    fulfilment="S_EXP1",
    fulfilment_location=0.25,
    stage_effect=-0.15,
    singles=(),
    faults=FaultCounts(52, 33, 64, 28, 5, 31, 45, 85, 20),
    grade="S_GRADE",
    access_codes=True,
    minimum_grade=3,
    dont_know=0.0,
    refused=0.012,
    seconds_per_question=7.0,
)

TRUTH = Truth(roles=(PARENTS, TEACHERS, STUDENTS))
