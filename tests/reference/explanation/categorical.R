# Writes categorical.json, wine.csv and smoking.csv, which the tests of manyi_analysis.categorical read.
# Run in this folder: Rscript categorical.R
suppressPackageStartupMessages({
  library(jsonlite); library(MASS); library(ordinal); library(sandwich); library(numDeriv); library(rms)
})

wine <- with(ordinal::wine, data.frame(rating = as.integer(rating), warm = as.integer(temp == "warm"),
             contact = as.integer(contact == "yes"), response = response, judge = as.integer(judge)))
write.csv(wine, "wine.csv", row.names = FALSE)
smoking <- na.omit(with(MASS::survey, data.frame(smoke = as.integer(factor(Smoke, c("Never", "Occas", "Regul", "Heavy"))),
                   male = as.integer(Sex == "Male"), height = Height)))
write.csv(smoking, "smoking.csv", row.names = FALSE)
ucla <- read.csv("ologit_ucla.csv"); ucla$apply <- factor(ucla$apply, c("unlikely", "somewhat likely", "very likely"))
tight <- clm.control(gradTol = 1e-12, maxIter = 200)

# ordinal::clm, thresholds first; put slopes first.
fit_clm <- function(formula, data, link, cluster = NULL) {
  m <- clm(formula, data = data, link = link, control = tight)
  k <- length(m$beta); order <- c(seq_along(m$beta) + length(m$alpha), seq_along(m$alpha))
  V <- vcov(m)[order, order]
  result <- list(term = names(coef(m))[order], estimate = unname(coef(m)[order]), se = unname(sqrt(diag(V))), loglik = as.numeric(logLik(m)),
                 aic = AIC(m), bic = BIC(m))
  if (!is.null(cluster)) {
    # Scores from numerical derivatives of every row's log-likelihood, summed in clusters, times G/(G-1).
    F <- if (link == "logit") plogis else pnorm
    X <- model.matrix(formula, data)[, -1, drop = FALSE]; y <- as.integer(model.response(model.frame(formula, data)))
    row_loglik <- function(p) { a <- c(-Inf, p[-seq_len(k)], Inf); e <- drop(X %*% p[seq_len(k)]); log(F(a[y + 1] - e) - F(a[y] - e)) }
    S <- rowsum(jacobian(row_loglik, coef(m)[order]), cluster); G <- nrow(S)
    result$clustered <- unname(sqrt(diag(G / (G - 1) * V %*% crossprod(S) %*% V)))
  }
  result
}
ordinal_fits <- list(
  ucla_logit = fit_clm(apply ~ pared + public + gpa, ucla, "logit"),
  ucla_probit = fit_clm(apply ~ pared + public + gpa, ucla, "probit"),
  wine_logit = fit_clm(factor(rating) ~ warm + contact, wine, "logit", wine$judge),
  wine_probit = fit_clm(factor(rating) ~ warm + contact, wine, "probit", wine$judge),
  smoking = fit_clm(factor(smoke) ~ male + height, smoking, "logit")
)
# rms::robcov leaves out G/(G-1): a second program for the clustered errors.
r <- robcov(lrm(rating ~ warm + contact, wine, x = TRUE, y = TRUE, eps = 1e-12), wine$judge)
robcov_se <- unname(sqrt(diag(vcov(r)))[c("warm", "contact")])

ucla$likely <- as.integer(ucla$apply != "unlikely"); wine$high <- as.integer(wine$rating >= 4)
binary <- function(formula, data, family, cluster = NULL) {
  m <- glm(formula, family, data, epsilon = 1e-14, maxit = 100); order <- c(2:length(coef(m)), 1)
  V <- if (is.null(cluster)) vcov(m) else vcovCL(m, cluster, type = "HC0", cadjust = TRUE)
  X <- model.matrix(m); P <- if (family$link == "logit") plogis else pnorm
  # glm's errors are those of the expected information; of a probit model the observed one differs.
  if (family$link == "probit") V <- solve(-hessian(function(b) sum(dbinom(m$y, 1, P(X %*% b), log = TRUE)), coef(m)))
  steps <- apply(X, 2, function(v) all(v %in% 0:1))
  ame <- function(b) sapply(2:length(b), function(j) {
    if (steps[j]) { on <- off <- X; on[, j] <- 1; off[, j] <- 0; return(mean(P(on %*% b) - P(off %*% b))) }
    h <- 1e-5; up <- down <- X; up[, j] <- X[, j] + h; down[, j] <- X[, j] - h
    mean((P(up %*% b) - P(down %*% b)) / (2 * h))
  })
  J <- jacobian(ame, coef(m))
  list(term = names(coef(m))[order], estimate = unname(coef(m)[order]), se = unname(sqrt(diag(V))[order]), loglik = as.numeric(logLik(m)),
       effect = ame(coef(m)), effect_se = sqrt(diag(J %*% V %*% t(J))))
}
binary_fits <- list(
  ucla_logit = binary(likely ~ pared + public + gpa, ucla, binomial()),
  ucla_probit = binary(likely ~ pared + public + gpa, ucla, binomial("probit")),
  wine_clustered = binary(high ~ warm + contact + judge, wine, binomial(), wine$judge)
)

# Brant (1990) written out with glm: Wald test of equal slopes, covariance p_high (1 - p_low) between cuts.
brant <- function(y, X) {
  cuts <- sort(unique(y))[-1]; Z <- cbind(1, X); k <- ncol(X)
  fits <- lapply(cuts, function(c) glm.fit(Z, as.integer(y >= c), family = binomial(), control = glm.control(epsilon = 1e-14, maxit = 100)))
  p <- lapply(fits, fitted); A <- lapply(p, function(q) solve(crossprod(Z, q * (1 - q) * Z)))
  V <- do.call(rbind, lapply(seq_along(cuts), function(i) do.call(cbind, lapply(seq_along(cuts), function(j) {
    lo <- min(i, j); hi <- max(i, j); w <- p[[hi]] * (1 - p[[lo]]); (A[[i]] %*% crossprod(Z, w * Z) %*% A[[j]])[-1, -1]
  }))))
  b <- unlist(lapply(fits, function(f) f$coefficients[-1])); m <- length(cuts)
  test <- function(at) {
    D <- do.call(rbind, lapply(2:m, function(l) { R <- matrix(0, length(at), k * m); for (q in seq_along(at)) { R[q, at[q]] <- 1; R[q, (l - 1) * k + at[q]] <- -1 }; R }))
    x <- drop(t(D %*% b) %*% solve(D %*% V %*% t(D), D %*% b)); c(x, nrow(D), pchisq(x, nrow(D), lower.tail = FALSE))
  }
  tests <- rbind(test(seq_len(k)), t(sapply(seq_len(k), test)))
  list(chi2 = unname(tests[, 1]), df = unname(tests[, 2]), p = unname(tests[, 3]), slopes = unname(matrix(b, m, byrow = TRUE)))
}
parallel <- list(ucla = brant(as.integer(ucla$apply), as.matrix(ucla[, c("pared", "public", "gpa")])),
                 smoking = brant(smoking$smoke, as.matrix(smoking[, c("male", "height")])))

versions <- sapply(c("MASS", "ordinal", "sandwich", "numDeriv", "rms", "jsonlite"), function(p) as.character(packageVersion(p)))
out <- list(ordinal = ordinal_fits, robcov_se = robcov_se, binary = binary_fits, brant = parallel,
            `_meta` = list(R = R.version.string, packages = as.list(versions), script = "categorical.R"))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = TRUE, na = "null"), "categorical.json")
