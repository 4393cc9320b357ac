# Reference values of models pooled over completed data sets: R 4.2.2, mice 3.15.0, mitml 0.4-4, clubSandwich
# 0.5.8, lme4 1.1-31, lmerTest, MASS, sandwich (Debian 12). Both sides read the five completed data sets of
# completed.csv, which completed.py writes. Rscript completed.R > completed.json
suppressPackageStartupMessages({
  library(jsonlite); library(mice); library(mitml); library(clubSandwich); library(lmerTest)
  library(MASS); library(sandwich); library(ordinal)
})
d <- read.csv("completed.csv"); d$school <- factor(d$school)
sets <- split(d, d$set)
G <- nlevels(d$school)

# testEstimates of mitml for estimates, errors, t, p and FMI; pool.scalar of mice for df and FMI once more.
pooled <- function(estimates, covariances, df.com = NULL) {
  names <- names(estimates[[1]])
  found <- testEstimates(qhat = lapply(estimates, unname), uhat = lapply(covariances, unname), df.com = df.com)$estimates
  df.com <- rep_len(if (is.null(df.com)) Inf else df.com, length(names))
  one <- lapply(seq_along(names), function(i) pool.scalar(sapply(estimates, `[`, i),
    sapply(covariances, function(V) V[i, i]), n = df.com[i] + 1, k = 1))
  list(term = names, estimate = unname(found[, "Estimate"]), se = unname(found[, "Std.Error"]), t = unname(found[, "t.value"]),
       df = unname(found[, "df"]), p = unname(found[, "P(>|t|)"]), fmi = unname(found[, "FMI"]),
       mice_df = sapply(one, `[[`, "df"), mice_fmi = sapply(one, `[[`, "fmi"), mice_total = sapply(one, `[[`, "t"))
}
out <- list(schools = G)

# Regression with CR2 errors; Satterthwaite's degrees of freedom are averaged over the data sets.
fits <- lapply(sets, function(s) lm(mAch ~ ses + minority + public, s))
tests <- Map(function(f, s) coef_test(f, vcov = "CR2", cluster = s$school, test = "Satterthwaite"), fits, sets)
covariances <- Map(function(f, s) as.matrix(vcovCR(f, cluster = s$school, type = "CR2")), fits, sets)
out$cr2 <- pooled(lapply(fits, coef), covariances, rowMeans(sapply(tests, function(t) t$df_Satt)))

# Mixed models; variances as mitml averages them.
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.05, rhoend = 1e-11, maxfun = 1e6))
mixed <- function(formula) {
  fits <- lapply(sets, function(s) lmerTest::lmer(formula, s, control = tight))
  df <- rowMeans(sapply(fits, function(f) coef(summary(f))[, "df"]))
  result <- pooled(lapply(fits, fixef), lapply(fits, function(f) as.matrix(vcov(f))), df)
  plain <- lapply(sets, function(s) lme4::lmer(formula, s, control = tight))
  extra <- testEstimates(model = plain, extra.pars = TRUE)$extra.pars
  result$extra <- setNames(as.list(extra[, "Estimate"]), rownames(extra))
  r2 <- rowMeans(sapply(plain, function(m) {
    X <- getME(m, "X"); S <- lme4::VarCorr(m); Z <- getME(m, "mmList")
    fixed <- var(drop(X %*% fixef(m)))
    random <- sum(sapply(seq_along(S), function(i) sum(diag(crossprod(Z[[i]]) %*% S[[i]])) / nrow(X)))
    c(fixed, fixed + random) / (fixed + random + sigma(m)^2)
  }))
  c(result, list(r2_marginal = r2[1], r2_conditional = r2[2]))
}
out$intercept <- mixed(mAch ~ ses + minority + public + (1 | school))
out$slope <- mixed(mAch ~ ses + minority + public + (ses | school))

# Proportional odds: polr of MASS with its own errors; clm of ordinal, whose optimum is tighter; errors clustered by school.
polrs <- lapply(sets, function(s) polr(factor(level) ~ ses + minority + public, s, Hess = TRUE, control = list(reltol = 1e-15, maxit = 500)))
out$polr <- pooled(lapply(polrs, function(f) c(coef(f), f$zeta)), lapply(polrs, vcov))
clustered <- Map(function(f, s) vcovCL(f, s$school, type = "HC0", cadjust = TRUE), polrs, sets)
out$polr_clustered <- pooled(lapply(polrs, function(f) c(coef(f), f$zeta)), clustered, G - 1)
clms <- lapply(sets, function(s) clm(factor(level) ~ ses + minority + public, data = s, control = clm.control(gradTol = 1e-12, maxIter = 200)))
first <- function(f) c(seq_along(f$beta) + length(f$alpha), seq_along(f$alpha))
out$clm <- pooled(lapply(clms, function(f) coef(f)[first(f)]), lapply(clms, function(f) vcov(f)[first(f), first(f)]))

# Satisfied or not: glm with errors clustered by school, slopes first.
glms <- lapply(sets, function(s) glm(level >= 3 ~ ses + minority + public, binomial, s, epsilon = 1e-14, maxit = 100))
last <- function(f) c(2:length(coef(f)), 1)
out$glm_clustered <- pooled(lapply(glms, function(f) coef(f)[last(f)]), Map(function(f, s)
  vcovCL(f, s$school, type = "HC0", cadjust = TRUE)[last(f), last(f)], glms, sets), G - 1)
cat(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"))
