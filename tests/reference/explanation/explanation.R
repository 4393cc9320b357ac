# Writes explanation.json, which the tests of manyi_analysis.explanation and .level read.
# Run in this folder: Rscript explanation.R
suppressPackageStartupMessages({
  library(jsonlite); library(lme4); library(clubSandwich); library(car)
})

ca <- read.csv("caschools.csv")
ca$wealth <- as.integer(cut(ca$income, c(-Inf, 11, 14, 18, Inf)))   # 1..4
ca$W <- factor(ca$wealth); ca$K <- factor(ca$grades)

m0 <- lm(score ~ 1, ca)
m1 <- lm(score ~ K + W, ca)
m2 <- lm(score ~ K + W + stratio + computer, ca)
m3 <- lm(score ~ K + W + stratio + computer + lunch + english, ca)
V <- lapply(list(m1, m2, m3), vcovCR, cluster = ca$county, type = "CR1S")

coefs <- function(m, V) {
  k <- coef_test(m, vcov = V, test = "naive-t")
  ci <- conf_int(m, vcov = V, test = "naive-t", level = 0.95)
  list(term = names(coef(m)), b = unname(coef(m)), se = k$SE, t = k$tstat, df = k$df_t, p = k$p_t,
       low = ci$CI_L, high = ci$CI_U)
}
wald <- function(m, V, rows) {
  C <- diag(length(coef(m)))[rows, , drop = FALSE]
  w <- Wald_test(m, constraints = C, vcov = V, test = "Naive-F")
  list(f = w$Fstat, df1 = w$df_num, df2 = w$df_denom, p = w$p_val)
}
nested <- function(a, b) { t <- anova(a, b); list(f = t$F[2], df1 = t$Df[2], df2 = t$Res.Df[2], p = t$`Pr(>F)`[2]) }
inflation <- as.data.frame(car::vif(m3))

dummies <- list(
  clustered = list(coefs(m1, V[[1]]), coefs(m2, V[[2]]), coefs(m3, V[[3]])),
  wald = list(wald(m1, V[[1]], 2:5), wald(m2, V[[2]], 6:7), wald(m3, V[[3]], 8:9)),
  nested = list(nested(m0, m1), nested(m1, m2), nested(m2, m3)),
  r2 = sapply(list(m1, m2, m3), function(m) summary(m)$r.squared),
  adj_r2 = sapply(list(m1, m2, m3), function(m) summary(m)$adj.r.squared),
  gvif = setNames(as.list(inflation$GVIF), rownames(inflation)),
  gvif_scaled = setNames(as.list(inflation$`GVIF^(1/(2*Df))`), rownames(inflation))
)

random_intercept <- function(formula, data) {
  m <- lmer(formula, data, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10)))
  v <- as.data.frame(VarCorr(m))$vcov
  list(variance_school = v[1], variance_residual = v[2], icc = v[1] / sum(v), loglik = as.numeric(logLik(m)),
       mean = unname(fixef(m)), se = sqrt(as.numeric(vcov(m))), singular = isSingular(m))
}
sw <- read.csv("swmd.csv"); sw$m <- rowMeans(sw[, paste0("Item", 1:7)])
a <- anova(lm(m ~ factor(classId), sw)); nj <- table(sw$classId)
n0 <- (nrow(sw) - sum(nj^2) / nrow(sw)) / (length(nj) - 1)
anova_icc <- (a$`Mean Sq`[1] - a$`Mean Sq`[2]) / (a$`Mean Sq`[1] + (n0 - 1) * a$`Mean Sq`[2])
few <- sw[sw$classId %in% sort(unique(sw$classId))[1:4], ]
icc <- list(swmd = random_intercept(m ~ 1 + (1 | classId), sw), swmd_anova = anova_icc,
            caschools = random_intercept(score ~ 1 + (1 | county), ca),
            swmd_four_classes = random_intercept(m ~ 1 + (1 | classId), few))

share <- function(x) { ci <- prop.test(sum(x), length(x), correct = FALSE)$conf.int; list(value = mean(x), low = ci[1], high = ci[2]) }
mean_ci <- function(x) { t <- t.test(x); list(value = unname(t$estimate), low = t$conf.int[1], high = t$conf.int[2]) }
clustered_mean <- function(x, g) {
  m <- lm(x ~ 1); ci <- conf_int(m, vcov = vcovCR(m, cluster = g, type = "CR1S"), test = "naive-t")
  list(value = ci$beta, se = ci$SE, low = ci$CI_L, high = ci$CI_U)
}
# Korn & Graubard (1998), Dean & Pagano (2015): Wilson on the effective sample size, quantile of t(G-1).
clustered_share <- function(x, g) {
  m <- lm(as.numeric(x) ~ 1); v <- as.numeric(vcovCR(m, cluster = g, type = "CR1S"))
  p <- mean(x); ne <- min(length(x), p * (1 - p) / v); q <- qt(0.975, length(unique(g)) - 1)
  mid <- (p + q^2 / (2 * ne)) / (1 + q^2 / ne)
  half <- q / (1 + q^2 / ne) * sqrt(p * (1 - p) / ne + q^2 / (4 * ne^2))
  list(value = p, low = mid - half, high = mid + half)
}
top2 <- sw$Item1 >= 4
level <- list(mean = mean_ci(100 * (sw$m - 1) / 4), clustered_mean = clustered_mean(100 * (sw$m - 1) / 4, sw$classId),
              maximum = mean_ci(100 * sw$m / 5),
              top2 = share(top2), clustered_top2 = clustered_share(top2, sw$classId),
              none = share(rep(FALSE, 25)),
              scale_top2 = mean_ci(100 * rowMeans(sw[, paste0("Item", 1:7)] >= 4)))

versions <- sapply(c("lme4", "clubSandwich", "car", "jsonlite"), function(p) as.character(packageVersion(p)))
out <- list(dummies = dummies, icc = icc, level = level,
            `_meta` = list(R = R.version.string, packages = as.list(versions), script = "explanation.R"))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = TRUE), "explanation.json")
