"""The colours of figures."""

#: Okabe and Ito (2008): told apart by colour-blind readers, and by their lightness in print.
BLUE, VERMILION, GREY, INK = "#0072B2", "#D55E00", "#8A8A8A", "#222222"
