# Funnel limits around the mean weighted by precision, and overdispersion of winsorized z (Spiegelhalter, 2005);
# writes funnel.json. Run in this folder: Rscript funnel.R
library(jsonlite)
u <- read.csv("units.csv"); target <- weighted.mean(u$mean, 1 / u$se^2); z <- (u$mean - target) / u$se
q <- quantile(z, c(.1, .9)); phi <- mean(pmin(pmax(z, q[1]), q[2])^2)
limits <- function(phi) unname(sapply(qnorm(c(.025, .975, .001, .999)), function(x) target + x * sqrt(phi) * u$se))
# p of a unit decides where it lies; 2 beyond the outer limits, 1 beyond the inner.
place <- function(phi) { p <- 2 * pnorm(-abs(z) / sqrt(phi)); (p < .05) + (p < .002) }
out <- list(target = target, z = z, phi = phi, none = list(limits = limits(1), place = place(1)),
            multiplicative = list(limits = limits(phi), place = place(phi)), R = R.version.string)
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = TRUE), "funnel.json")
