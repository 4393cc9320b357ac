# Reference values of weights and design-based estimates: R package survey, its data sets `api`; R package sampling.
# Writes apistrat.csv, apiclus1.csv, apiclus2.csv (the columns used) and weights.json beside this script.
suppressMessages({library(survey); library(sampling); library(jsonlite)})
data(api)
out <- list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey")),
                            sampling = as.character(packageVersion("sampling"))))
columns <- c("cds", "stype", "dnum", "snum", "api99", "api00", "enroll", "api.stu", "target", "sch.wide", "comp.imp",
             "pw", "fpc")
write.csv(apistrat[, columns], "apistrat.csv", row.names = FALSE, na = "")
write.csv(apiclus1[, columns], "apiclus1.csv", row.names = FALSE, na = "")
write.csv(apiclus2[, c(setdiff(columns, "fpc"), "fpc1", "fpc2")], "apiclus2.csv", row.names = FALSE, na = "")

one <- function(m, df) list(value = unname(coef(m)), se = as.vector(SE(m)), deff = as.vector(deff(m)),
                            limits = unname(confint(m, df = df)), df = df)
mean_of <- function(f, d) one(svymean(f, d, na.rm = TRUE, deff = "replace"), degf(d))
share_of <- function(f, d) { m <- svyciprop(f, d, method = "beta")
  list(value = as.vector(m), se = as.vector(SE(m)), limits = unname(attr(m, "ci")), df = degf(d)) }
ratio_of <- function(num, den, d) { r <- svyratio(num, den, d, na.rm = TRUE)
  list(value = unname(coef(r)), se = as.vector(SE(r))) }

dstrat <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc)
dnofpc <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat)
dclus1 <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc)
dclus2 <- svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2, data = apiclus2)
dclus2w <- svydesign(id = ~dnum, weights = ~pw, data = apiclus2)
designs <- list(strat = dstrat, strat_nofpc = dnofpc, clus1 = dclus1, clus2 = dclus2, clus2_wr = dclus2w)
for (name in names(designs)) { d <- designs[[name]]
  out[[name]] <- list(
    api00 = mean_of(~api00, d), enroll = mean_of(~enroll, d),
    stype = mean_of(~stype, d),
    target = share_of(~I(sch.wide == "Yes"), d),
    by_stype = lapply(levels(d$variables$stype), function(s) {
      sub <- subset(d, stype == s); c(list(level = s), mean_of(~api00, sub)) }),
    ratio = ratio_of(~api.stu, ~enroll, d),
    total_weight = sum(weights(d)))
}

# A stratum with one unit: every rule.
lonely <- apistrat[apistrat$stype != "H" | apistrat$cds == apistrat$cds[apistrat$stype == "H"][1], ]
out$lonely_row <- apistrat$cds[apistrat$stype == "H"][1]
for (rule in c("adjust", "average", "remove")) {
  options(survey.lonely.psu = rule)
  d <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = lonely)
  m <- svymean(~api00, d)
  out[[paste0("lonely_", rule)]] <- list(value = unname(coef(m)), se = as.vector(SE(m)))
}
options(survey.lonely.psu = "adjust")

# Known margins of the population of 6,194 schools.
stype <- data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018))
wide <- data.frame(sch.wide = c("No", "Yes"), Freq = c(1072, 5122))
raw <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1)
raked <- rake(raw, list(~stype, ~sch.wide), list(stype, wide), control = list(maxit = 2000, epsilon = 1e-11))
population <- c("(Intercept)" = 6194, stypeH = 755, stypeM = 1018, sch.wideYes = 5122)
iterated <- calibrate(raw, ~stype + sch.wide, population, calfun = "raking", epsilon = 1e-13, maxit = 500)
linear <- calibrate(raw, ~stype + sch.wide, population)
post <- postStratify(raw, ~stype, stype)
out$rake <- list(weights = unname(weights(raked)), value = unname(coef(svymean(~api00, raked))))
out$calibrate_raking <- list(weights = unname(weights(iterated)), api00 = mean_of(~api00, iterated),
  enroll = mean_of(~enroll, iterated), by_comp = lapply(c("No", "Yes"), function(s)
    c(list(level = s), mean_of(~api00, subset(iterated, comp.imp == s)))))
out$calibrate_linear <- list(weights = unname(weights(linear)), api00 = mean_of(~api00, linear),
  stype = mean_of(~comp.imp, linear))
out$poststratify <- list(weights = unname(weights(post)), api00 = mean_of(~api00, post))

# Trimming and the spread of weights.
skewed <- svydesign(id = ~1, weights = ~w, data = transform(apistrat, w = pw * (1 + enroll / mean(enroll))))
cap <- 1.1 * median(weights(skewed))
options(expressions = 50000)
trimmed <- trimWeights(skewed, upper = cap, strict = FALSE)
for (i in 1:2000) trimmed <- trimWeights(trimmed, upper = cap, strict = FALSE)
w <- weights(skewed)
out$trim <- list(upper = cap, before = unname(w), after = unname(weights(trimmed)),
  kish = length(w) * sum(w^2) / sum(w)^2)

# Inclusion probabilities in proportion to size, systematic samples.
size <- c(1:20, 200)
out$inclusion <- list(size = size, n = 8, probability = inclusionprobabilities(size, 8))
pik <- inclusionprobabilities(apistrat$enroll[1:40], 9)
set.seed(20170519); start <- runif(1); set.seed(20170519)
out$systematic <- list(probability = pik, start = start, drawn = which(UPsystematic(pik) == 1) - 1)
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"), "weights.json")
