# Writes reliability.json. Run beside bfi.csv: Rscript reliability.R
suppressMessages({library(psych); library(GPArotation); library(lavaan); library(multilevel); library(jsonlite)})
bfi <- read.csv("bfi.csv")[, 1:28]
keyed <- bfi; for (i in c("A1", "C4", "C5", "E1", "E2", "O2", "O5")) keyed[[i]] <- 7 - keyed[[i]]
complete <- bfi[complete.cases(bfi[, 1:25]), 1:25]
take <- function(...) { x <- keyed[, c(...)]; x[complete.cases(x), ] }

# Guttman's bounds as Guttman (1945) writes them, by loops; splits by combn.
guttman_by_loops <- function(x) {
  v <- var(x); k <- ncol(v); total <- sum(v)
  squared <- function(j) sum(v[-j, j]^2)
  l1 <- 1 - sum(diag(v)) / total
  errors <- sapply(1:k, function(j) summary(lm(x[, j] ~ as.matrix(x[, -j])))$sigma^2 * (nrow(x) - k) / (nrow(x) - 1))
  splits <- combn(k, floor(k / 2))
  l4 <- apply(splits, 2, function(a) 4 * cov(rowSums(x[, a, drop = FALSE]), rowSums(x[, -a, drop = FALSE])) / var(rowSums(x)))
  list(lambda_1 = l1, lambda_2 = l1 + sqrt(k / (k - 1) * sum(sapply(1:k, squared))) / total, lambda_3 = k / (k - 1) * l1,
    lambda_4 = max(l4), lambda_5 = l1 + 2 * sqrt(max(sapply(1:k, squared))) / total, lambda_6 = 1 - sum(errors) / total,
    split_half_mean = mean(l4), split_half_worst = min(l4))
}
six <- take("N1", "N2", "N3", "N4", "N5", "C5"); five <- take("A1", "A2", "A3", "A4", "A5")
ten <- take("E1", "E2", "E3", "E4", "E5", "A1", "A2", "A3", "A4", "A5")
halves <- function(x, covar) splitHalf(x, covar = covar, check.keys = FALSE)[c("maxrb", "minrb", "meanr", "alpha", "lambda2", "lambda6")]
split <- list(
  loops = list(five = guttman_by_loops(five), six = guttman_by_loops(six)),
  psych_six = halves(six, TRUE), psych_ten = halves(ten, TRUE), psych_six_standardized = halves(six, FALSE),
  guttman_six = suppressWarnings(guttman(cor(six)))[c("lambda.1", "lambda.2", "lambda.3", "lambda.5", "lambda.6")]
)

# Omega hierarchical; nothing turned round.
omega_of <- function(x, m) {
  o <- suppressWarnings(suppressMessages(omega(x, m, plot = FALSE, flip = FALSE)))
  list(omega_h = o$omega_h, omega_tot = o$omega.tot, omega_lim = o$omega.lim, g = as.numeric(o$schmid$sl[, 1]),
    ecv = sum(o$schmid$sl[, 1]^2) / sum(o$schmid$sl[, "h2"]), second_order = as.numeric(o$schmid$gloading))
}
data(Thurstone)
omegas <- list(
  thurstone = c(list(correlation = unclass(Thurstone), items = colnames(Thurstone)), omega_of(Thurstone, 3)),
  fifteen = omega_of(take("N1", "N2", "N3", "N4", "N5", "C1", "C2", "C3", "C4", "C5", "E1", "E2", "E3", "E4", "E5"), 3)
)

# Shrout & Fleiss (1979), table 2, and two waves of a score.
sf <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7), ncol = 4, byrow = TRUE)
set.seed(5)
true <- rnorm(60, 3.5, .6); waves <- data.frame(first = round(true + rnorm(60, 0, .35), 2), second = round(true + .15 + rnorm(60, 0, .35), 2))
icc_of <- function(x) { r <- ICC(x, lmer = FALSE)$results; list(icc2 = unlist(r[2, c("ICC", "lower bound", "upper bound")]), icc3 = unlist(r[3, c("ICC", "lower bound", "upper bound")])) }
pearson <- cor.test(waves$first, waves$second)
retest <- list(sf = sf, sf_icc = icc_of(sf), waves = waves, waves_icc = icc_of(waves), pearson = c(pearson$estimate, pearson$conf.int),
  error = summary(aov(c(waves$first, waves$second) ~ factor(rep(1:60, 2)) + factor(rep(1:2, each = 60))))[[1]][["Mean Sq"]][3]^.5)

# Velicer's test, after O'Connor (2000), map.R.
map_of <- function(r) {
  e <- eigen(r); k <- nrow(r); loadings <- e$vectors %*% sqrt(diag(e$values))
  out <- cbind((sum(r^2) - k) / (k * (k - 1)), (sum(r^4) - k) / (k * (k - 1)))
  for (m in 1:(k - 1)) {
    part <- r - loadings[, 1:m] %*% t(loadings[, 1:m]); d <- diag(1 / sqrt(diag(part))); p <- d %*% part %*% d
    out <- rbind(out, c((sum(p^2) - k) / (k * (k - 1)), (sum(p^4) - k) / (k * (k - 1))))
  }
  list(squared = out[, 1], fourth = out[, 2])
}
h <- Harman23.cor$cov
maps <- list(harman = c(list(correlation = unclass(h), items = colnames(h), n = Harman23.cor$n.obs), map_of(h)), bfi = map_of(cor(complete)), vss = vss(complete, 8, plot = FALSE)$map)

# Factor analyses that psych_bfi_efa.json does not hold; principal axes run on until they rest.
solution <- function(f) list(pattern = unclass(f$loadings), structure = if (is.null(f$Structure)) unclass(f$loadings) else unclass(f$Structure),
  phi = f$Phi, ss = as.numeric(f$Vaccounted["SS loadings", ]))
five_factors <- list()
for (rotation in c("none", "varimax", "promax", "oblimin"))
  five_factors[[paste0("paf_", rotation)]] <- solution(suppressWarnings(fa(complete, 5, rotate = rotation, fm = "pa", min.err = 1e-9, max.iter = 5000)))
for (rotation in c("promax", "oblimin")) {
  five_factors[[paste0("minres_", rotation)]] <- solution(fa(complete, 5, rotate = rotation, fm = "minres"))
  five_factors[[paste0("ml_", rotation)]] <- solution(fa(complete, 5, rotate = rotation, fm = "ml"))
  # principal(rotate = "promax") is stats::promax, without Kaiser's normalization; fa() normalizes.
  five_factors[[paste0("pca_", rotation)]] <- if (rotation == "oblimin") solution(principal(complete, 5, rotate = rotation)) else {
    p <- kaiser(principal(complete, 5, rotate = "none"), rotate = "Promax")
    list(pattern = unclass(p$loadings), structure = unclass(p$loadings) %*% p$Phi, phi = p$Phi, ss = diag(p$Phi %*% t(p$loadings) %*% p$loadings))
  }
}

# Extreme groups of neuroticism.
n <- bfi[, c("N1", "N2", "N3", "N4", "N5")]; n <- n[complete.cases(n), ]; total <- rowSums(n)
place <- round(.27 * nrow(n)); low <- sort(total)[place]; high <- sort(total, decreasing = TRUE)[place]
of_item <- function(x) {
  a <- x[total >= high]; b <- x[total <= low]
  welch <- t.test(a, b); student <- t.test(a, b, var.equal = TRUE)
  distance <- c(abs(a - mean(a)), abs(b - mean(b))); levene <- anova(lm(distance ~ rep(1:2, c(length(a), length(b)))))
  list(mean_high = mean(a), mean_low = mean(b), cr = welch$statistic, df = welch$parameter, p = welch$p.value,
    cr_pooled = student$statistic, df_pooled = student$parameter, p_pooled = student$p.value,
    levene_f = levene[1, "F value"], levene_p = levene[1, "Pr(>F)"])
}
extremes <- list(n = nrow(n), low = low, high = high, n_low = sum(total <= low), n_high = sum(total >= high), items = lapply(n, of_item))

# Two levels: persons of bfi in schools by age; and a balanced part, where moments and likelihood agree.
nested <- bfi[, c("A2", "A3", "A5", "E4", "age")]; nested <- nested[complete.cases(nested), ]
by <- statsBy(nested, "age")
balanced <- do.call(rbind, lapply(split(nested, nested$age), function(d) if (nrow(d) >= 40) d[1:40, ]))
fit <- lavaan(paste0("level: 1\n", paste(combn(c("A2", "A3", "A5", "E4"), 2, paste, collapse = " ~~ "), collapse = "\n"), "\nA2~~A2\nA3~~A3\nA5~~A5\nE4~~E4\n",
  "level: 2\n", paste(combn(c("A2", "A3", "A5", "E4"), 2, paste, collapse = " ~~ "), collapse = "\n"), "\nA2~~A2\nA3~~A3\nA5~~A5\nE4~~E4\nA2~1\nA3~1\nA5~1\nE4~1"),
  balanced, cluster = "age")
implied <- lavInspect(fit, "implied")
swmd_alpha <- function(v) { k <- nrow(v); k / (k - 1) * (1 - sum(diag(v)) / sum(v)) }
reliable <- function(v) { f <- suppressWarnings(fa(cov2cor(v), 1, fm = "minres")); s <- sqrt(diag(v)); list(alpha = swmd_alpha(v), omega = 1 - sum(f$uniquenesses * s^2) / sum(v)) }
swmd <- read.csv("../explanation/swmd.csv"); items <- grep("^Item", names(swmd), value = TRUE)
pooled <- function(x, g) { r <- x - apply(x, 2, function(y) ave(y, g)); crossprod(as.matrix(r)) / (nrow(x) - length(unique(g))) }
between <- function(x, g) { m <- manova(as.matrix(x) ~ factor(g)); s <- summary(m, tol = 0)$SS[[1]]; b <- s / (length(unique(g)) - 1); n <- table(g); c <- (nrow(x)^2 - sum(n^2)) / (nrow(x) * (length(n) - 1)); (b - pooled(x, g)) / c }
levels2 <- list(
  statsby = list(rwg = by$rwg, icc = as.numeric(by$ICC1[-1]), names = colnames(by$rwg)),
  mult_icc = mult.icc(nested[, 1:4], nested$age)[["ICC1"]],
  balanced = list(rows = nrow(balanced), groups = length(unique(balanced$age)), within = unclass(implied$within$cov), between = unclass(implied$age$cov), icc = sapply(c("A2", "A3", "A5", "E4"), function(i) ICC1(aov(as.formula(paste(i, "~ factor(age)")), balanced)))),
  swmd = list(items = items, group = names(swmd)[1], within = reliable(pooled(swmd[, items], swmd[[1]])), between = tryCatch(reliable(between(swmd[, items], swmd[[1]])), error = function(e) NULL))
)
em <- lavCor(keyed[, c("A1", "A2", "A3", "A4", "A5")], missing = "fiml", output = "cor")
ranges <- list(floor = sapply(bfi[, 1:25], function(x) mean(x == 1, na.rm = TRUE)), ceiling = sapply(bfi[, 1:25], function(x) mean(x == 6, na.rm = TRUE)), missing = sapply(bfi[, 1:25], function(x) mean(is.na(x))))
write_json(list(split = split, omega = omegas, retest = retest, map = maps, efa = five_factors, extremes = extremes, two_level = levels2, em = unclass(em), ranges = lapply(ranges, as.list)),
  "reliability.json", digits = 15, auto_unbox = TRUE, pretty = FALSE)
