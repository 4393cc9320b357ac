"""问卷星: the questionnaire as text that its page "导入文本" makes a survey of."""
