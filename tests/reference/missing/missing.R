# Reference values for missing answers: R 4.2.2, lavaan, mice 3.15.0, mitools 2.4 (Debian 12).
# Rscript missing.R > missing.json
# Data sets come with R: airquality (datasets), nhanes (mice).
library(lavaan); library(mice); library(mitools); library(jsonlite)
out <- list()

em <- function(data) {
  fit <- suppressWarnings(lavCor(data, missing = "ml", output = "fit", se = "none"))
  implied <- lavInspect(fit, "sampstat")
  list(mean = as.numeric(implied$mean), covariance = unclass(implied$cov))
}
little <- function(data, estimate) {
  data <- as.matrix(data)
  key <- apply(is.na(data), 1, function(row) paste(as.integer(row), collapse = ""))
  chi2 <- 0; df <- -ncol(data)
  for (one in unique(key)) {
    rows <- data[key == one, , drop = FALSE]
    has <- !is.na(rows[1, ])
    if (!any(has)) next
    away <- colMeans(rows[, has, drop = FALSE]) - estimate$mean[has]
    chi2 <- chi2 + nrow(rows) * as.numeric(t(away) %*% solve(estimate$covariance[has, has]) %*% away)
    df <- df + sum(has)
  }
  list(chi2 = chi2, df = df, p = pchisq(chi2, df, lower.tail = FALSE), patterns = length(unique(key)))
}
estimate <- em(airquality)
out$airquality <- list(columns = names(airquality), mean = estimate$mean, covariance = estimate$covariance,
                       little = little(airquality, estimate))
md <- md.pattern(airquality, plot = FALSE)
out$airquality$patterns <- list(n = as.integer(rownames(md)[-nrow(md)]), observed = unname(md[-nrow(md), 1:6]),
                                names = colnames(md)[1:6])

# Pooling: the same five completed data sets for both sides.
set.seed(20170519)
imputed <- mice(nhanes, m = 5, printFlag = FALSE)
sets <- lapply(1:5, function(i) complete(imputed, i))
fits <- lapply(sets, function(d) lm(chl ~ age + bmi + hyp, data = d))
pooled <- pool(as.mira(fits))
out$pool <- list(
  b = unname(lapply(fits, function(f) unname(coef(f)))),
  covariance = unname(lapply(fits, function(f) unname(vcov(f)))),
  dfcom = df.residual(fits[[1]]),
  estimate = pooled$pooled$estimate, ubar = pooled$pooled$ubar, between = pooled$pooled$b,
  total = pooled$pooled$t, df = pooled$pooled$df, riv = pooled$pooled$riv, lambda = pooled$pooled$lambda,
  fmi = pooled$pooled$fmi,
  p = summary(pooled)$p.value)
fits0 <- lapply(sets, function(d) lm(chl ~ age, data = d))
d1 <- D1(as.mira(fits), as.mira(fits0))
out$d1 <- list(f = unname(d1$result[1, "F.value"]), df1 = unname(d1$result[1, "df1"]),
               df2 = unname(d1$result[1, "df2"]), p = unname(d1$result[1, "P(>F)"]), dfcom = d1$dfcom)
r2 <- pool.r.squared(as.mira(fits))
out$r2 <- list(values = sapply(fits, function(f) summary(f)$r.squared), pooled = unname(r2[1, "est"]))

# Imputation itself: pooled estimates with many imputations, to be met within Monte-Carlo error.
set.seed(1)
many <- mice(nhanes, m = 2000, maxit = 20, method = "norm", printFlag = FALSE)
est <- summary(pool(with(many, lm(chl ~ age + bmi + hyp))))
out$nhanes_norm <- list(estimate = est$estimate, se = est$std.error)
many <- mice(airquality[, 1:4], m = 500, maxit = 10, method = "pmm", seed = 3, printFlag = FALSE)
est <- summary(pool(with(many, lm(Ozone ~ Solar.R + Wind + Temp))))
out$airquality_pmm <- list(estimate = est$estimate, se = est$std.error)
many <- mice(airquality[, 1:4], m = 500, maxit = 10, method = "norm", seed = 3, printFlag = FALSE)
est <- summary(pool(with(many, lm(Ozone ~ Solar.R + Wind + Temp))))
out$airquality_norm <- list(estimate = est$estimate, se = est$std.error)
out$data <- list(nhanes = nhanes, airquality = airquality)
cat(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = FALSE, na = "null"))
