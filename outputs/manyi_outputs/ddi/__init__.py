"""The study and its files as an archive describes them: a DDI-Codebook 2.5 document."""

from manyi_outputs.ddi.study_document import study_document

__all__ = ["study_document"]
