"""The platforms ``--source`` names: told without loading a reader, so that help stays instant."""

#: As `manyi.readers.platforms.detect.SOURCES`; a test holds them equal.
SOURCES = (
    "auto",
    "spss",
    "stata",
    "wenjuanxing",
    "kobo",
    "odk",
    "qualtrics",
    "limesurvey",
    "google",
    "table",
)
