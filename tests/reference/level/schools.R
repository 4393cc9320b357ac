# Standing of 30 classes of SWMD (../explanation/swmd.csv): reliability and best linear prediction by lme4, sets of
# ranks from limits of t.test and prop.test at level 1 - .05 / 29, and against everybody at level 1 - .05 / 30.
# Run in this folder: Rscript schools.R
suppressPackageStartupMessages({library(lme4); library(jsonlite)})

s <- read.csv("../explanation/swmd.csv")
items <- paste0("Item", 1:7)
s$WELL <- rowMeans(s[items])
s <- s[order(s$classId), ]
schools <- split(s, s$classId)

index <- function(x) 100 * (x - 1) / 4
s$y <- index(s$WELL)
fit <- lmer(y ~ 1 + (1 | classId), s, REML = TRUE, control = lmerControl(optCtrl = list(ftol_abs = 1e-14, xtol_abs = 1e-14)))
v <- as.data.frame(VarCorr(fit))$vcov
n <- sapply(schools, nrow)
mixed <- list(reliability = unname(v[1] / (v[1] + v[2] / n)), shrunken = coef(fit)$classId[, 1])

means <- function(level) t(sapply(schools, function(g) {
  found <- t.test(index(g$WELL), conf.level = level)
  c(found$estimate, found$conf.int)
}))
shares <- function(level) t(sapply(schools, function(g) {
  found <- prop.test(sum(g$Item1 >= 4), nrow(g), conf.level = level, correct = FALSE)
  c(found$estimate, found$conf.int)
}))

# School a is above b where the lower limit of their difference (Zou & Donner 2008; Newcombe 1998, method 10) is above 0.
above <- function(x, a, b) (x[a, 1] - x[b, 1]) - sqrt((x[a, 1] - x[a, 2])^2 + (x[b, 3] - x[b, 1])^2) > 0
sets <- function(x) t(sapply(seq_len(nrow(x)), function(j) {
  others <- setdiff(seq_len(nrow(x)), j)
  c(rank(-x[, 1], ties.method = "min")[j],
    1 + sum(sapply(others, function(i) above(x, i, j))),
    nrow(x) - sum(sapply(others, function(i) above(x, j, i))))
}))
against <- function(x, all) ifelse(x[, 2] > all, "above", ifelse(x[, 3] < all, "below", "not_told_apart"))

out <- list(
  mixed = mixed,
  rank_of_means = unname(sets(means(1 - .05 / 29))), rank_of_shares = unname(sets(shares(1 - .05 / 29))),
  against_means = unname(against(means(1 - .05 / 30), mean(s$y))),
  against_shares = unname(against(shares(1 - .05 / 30), mean(s$Item1 >= 4))),
  `_meta` = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")), script = "schools.R"))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = TRUE), "schools.json")
