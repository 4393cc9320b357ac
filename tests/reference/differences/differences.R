# Reference values of differences and correlations: run in this folder, R 4.2 with the packages below.
# Data: ../measurement/bfi.csv (psych), ../explanation/swmd.csv (EFAutilities), small worked examples here.
suppressMessages({library(jsonlite); library(effectsize); library(rstatix); library(car); library(clubSandwich); library(survey); library(lavaan)})
b <- read.csv("../measurement/bfi.csv")
b$N <- rowMeans(b[, paste0("N", 1:5)])
d <- b[complete.cases(b[, c("N", "gender", "education")]), ]
d$edu <- factor(d$education)
ht <- function(x) list(statistic = unname(x$statistic), df = unname(x$parameter), p = x$p.value,
                       ci = as.numeric(x$conf.int), estimate = as.numeric(x$estimate))

# Limits of noncentrality parameters by root finding on R's own distribution functions.
root <- function(f, lo, hi) uniroot(f, c(lo, hi), tol = 1e-14, maxiter = 10000)$root
nc_t <- function(t, df, level = .95) {
  a <- (1 - level) / 2
  c(root(function(x) pt(t, df, x) - (1 - a), t - 12, t), root(function(x) pt(t, df, x) - a, t, t + 12))
}
nc_up <- function(p, top, level = .95) {
  a <- (1 - level) / 2
  c(if (p(0) > 1 - a) root(function(x) p(x) - (1 - a), 0, top) else 0,
    if (p(0) > a) root(function(x) p(x) - a, 0, top) else 0)
}
nc_f <- function(f, df1, df2) nc_up(function(x) pf(f, df1, df2, x), 50 + 5 * f * df1)
nc_chi <- function(x2, df) nc_up(function(x) pchisq(x2, df, x), 50 + 5 * x2)

g1 <- d$N[d$gender == 1]; g2 <- d$N[d$gender == 2]
es <- function(x) unname(unlist(as.data.frame(x)[1, c(1, 3, 4)]))
J <- function(df) exp(lgamma(df/2) - log(sqrt(df/2)) - lgamma((df - 1)/2))
st <- t.test(g1, g2, var.equal = TRUE); we <- t.test(g1, g2)
sp <- unname(diff(rev(st$estimate)) / st$statistic); sw <- unname(diff(rev(we$estimate)) / we$statistic)
s_p <- sd_pooled(g1, g2); s_a <- sqrt((var(g1) + var(g2)) / 2)
exact_d <- list(
  hedges_g = J(st$parameter) * c(diff(rev(st$estimate)) / s_p, nc_t(st$statistic, st$parameter) * sp / s_p),
  cohens_d = c(diff(rev(st$estimate)) / s_p, nc_t(st$statistic, st$parameter) * sp / s_p),
  hedges_g_av = J(we$parameter) * c(diff(rev(we$estimate)) / s_a, nc_t(we$statistic, we$parameter) * sw / s_a))
two <- list(student = ht(st), welch = ht(we),
            exact = lapply(exact_d, unname),
            effectsize = list(cohens_d = es(effectsize::cohens_d(g1, g2)), hedges_g = es(hedges_g(g1, g2)),
                              cohens_d_av = es(effectsize::cohens_d(g1, g2, pooled_sd = FALSE)),
                              hedges_g_av = es(hedges_g(g1, g2, pooled_sd = FALSE))))
tost <- function(m) list(low = ht(t.test(g1, g2, mu = -m, alternative = "greater")),
                         high = ht(t.test(g1, g2, mu = m, alternative = "less")),
                         ci = as.numeric(t.test(g1, g2, conf.level = .9)$conf.int))
two$equivalence <- tost(.4)

av <- summary(aov(N ~ edu, d))[[1]]; wa <- oneway.test(N ~ edu, d)
pve <- function(f, df1, df2, n) { l <- nc_f(f, df1, df2); l / (l + n) }
model <- aov(N ~ edu, d)
first <- function(x) as.data.frame(x)[1, 2]
several <- list(
  anova = list(f = av[1, 4], df = av[, 1], p = av[1, 5]),
  welch = ht(wa),
  eta = first(effectsize::eta_squared(model, partial = FALSE, verbose = FALSE)), omega = first(omega_squared(model, partial = FALSE, verbose = FALSE)),
  epsilon = first(epsilon_squared(model, partial = FALSE, verbose = FALSE)),
  limits = pve(av[1, 4], av[1, 1], av[2, 1], nrow(d)),
  welch_limits = pve(unname(wa$statistic), wa$parameter[[1]], wa$parameter[[2]], nrow(d)),
  eta_limits_effectsize = unlist(as.data.frame(effectsize::eta_squared(model, partial = FALSE, alternative = "two.sided", verbose = FALSE))[1, 4:5], use.names = FALSE))
# A larger effect: age by education, where neither limit is zero.
e <- b[complete.cases(b[, c("age", "education")]), ]; e$edu <- factor(e$education)
ev <- summary(aov(age ~ edu, e))[[1]]; ew <- oneway.test(age ~ edu, e); emodel <- aov(age ~ edu, e)
several$age <- list(f = ev[1, 4], p = ev[1, 5], welch = ht(ew), omega = first(omega_squared(emodel, partial = FALSE, verbose = FALSE)),
                    eta = first(effectsize::eta_squared(emodel, partial = FALSE, verbose = FALSE)),
                    limits = pve(ev[1, 4], ev[1, 1], ev[2, 1], nrow(e)),
                    lambda = nc_f(ev[1, 4], ev[1, 1], ev[2, 1]))

levene <- function(y, g, c) { x <- leveneTest(y, g, center = c); list(f = x[1, 2], df = x[, 1], p = x[1, 3]) }
variances <- list(levene = levene(d$N, d$edu, mean), brown_forsythe = levene(d$N, d$edu, median))

th <- TukeyHSD(aov(N ~ edu, d))$edu; te <- TukeyHSD(aov(age ~ edu, e))$edu
gh_exact <- function(y, g) {
  k <- nlevels(g); m <- tapply(y, g, mean); v <- tapply(y, g, var); n <- tapply(y, g, length); out <- NULL
  for (i in 1:(k - 1)) for (j in (i + 1):k) {
    se <- sqrt(v[[i]] / n[[i]] + v[[j]] / n[[j]])
    df <- se^4 / ((v[[i]] / n[[i]])^2 / (n[[i]] - 1) + (v[[j]] / n[[j]])^2 / (n[[j]] - 1))
    dif <- m[[i]] - m[[j]]; q <- qtukey(.95, k, df) / sqrt(2) * se
    out <- rbind(out, c(dif, dif - q, dif + q, dif / se, df, ptukey(abs(dif) / se * sqrt(2), k, df, lower.tail = FALSE)))
  }
  out
}
rs <- as.data.frame(games_howell_test(e, age ~ edu))
pairs <- list(tukey = unname(th), tukey_age = unname(te), games_howell = gh_exact(d$N, d$edu), games_howell_age = gh_exact(e$age, e$edu),
              rstatix_age = list(estimate = rs$estimate, low = rs$conf.low, high = rs$conf.high))
dn <- as.data.frame(dunn_test(d, A1 ~ edu, p.adjust.method = "holm"))
pairs$dunn <- list(statistic = dn$statistic, p = dn$p, p_adjusted = dn$p.adj, n1 = dn$n1, n2 = dn$n2)

range <- list(q = c(.1, 1, 2.5, 3.5, 5, 9), groups = c(2, 3, 5, 10), df = c(2, 5.5, 20, 480.27, 2476, 1e6))
grid <- expand.grid(range)
range$p <- ptukey(grid$q, grid$groups, grid$df, lower.tail = FALSE)
range$quantile <- outer(range$groups, range$df, function(k, v) qtukey(.95, k, v))

k1 <- d[!is.na(d$A1), ]
mw <- wilcox.test(A1 ~ gender, k1, exact = FALSE); kw <- kruskal.test(A1 ~ edu, k1)
rb <- rank_biserial(k1$A1[k1$gender == 1], k1$A1[k1$gender == 2])
# Cliff's delta by its definition, on the matrix of dominances; limits as Feng and Cliff (2004) and effsize have them.
cliff <- function(x, y, level = .95) {
  m <- sign(outer(x, y, "-")); n1 <- length(x); n2 <- length(y); dd <- mean(m)
  di <- rowMeans(m); dj <- colMeans(m)
  s <- (n2^2 * sum((di - dd)^2) + n1^2 * sum((dj - dd)^2) - sum((m - dd)^2)) / (n1 * n2 * (n1 - 1) * (n2 - 1))
  z <- qt(1 - (1 - level) / 2, n1 + n2 - 2)
  dd0 <- (dd - dd^3 + c(-1, 1) * z * sqrt(s) * sqrt((1 - dd^2)^2 + z^2 * s)) / (1 - dd^2 + z^2 * s)
  c(dd, dd0)
}
few <- list(x = c(1.1, 2.3, 4.7, 5.5, 9.2), y = c(0.4, 1.9, 2.2, 3.1, 3.3, 3.8, 8.8))
ranks <- list(mann_whitney = ht(mw), kruskal_wallis = ht(kw), rank_biserial = es(rb), epsilon = es(rank_epsilon_squared(A1 ~ edu, data = k1))[1],
              epsilon_limits = nc_chi(unname(kw$statistic), 4) / (nrow(k1) - 1), n = nrow(k1),
              cliff = cliff(k1$A1[k1$gender == 1], k1$A1[k1$gender == 2]),
              cliff_example = cliff(c(10, 10, 20, 20, 20, 30, 30, 30, 40, 50), c(10, 20, 30, 40, 40, 50)),
              exact = c(few, ht(wilcox.test(few$x, few$y))))

tab <- table(d$gender, d$education); x2 <- chisq.test(tab, correct = FALSE)
t22 <- table(k1$gender, k1$A1 >= 4); y22 <- chisq.test(t22); n22 <- chisq.test(t22, correct = FALSE)
tea <- matrix(c(3, 1, 1, 3), 2); small <- matrix(c(7, 12, 0, 5), 2)
v <- function(t) unname(unlist(as.data.frame(effectsize::cramers_v(t, adjust = FALSE, alternative = "two.sided"))[1, c(1, 3, 4)]))
# An odds ratio to full accuracy: fisher.test stops its root finding at 1.2e-4.
conditional <- function(t) {
  m <- sum(t[, 1]); n <- sum(t[, 2]); k <- sum(t[1, ]); x <- t[1, 1]; s <- max(0, k - n):min(k, m)
  logdc <- dhyper(s, m, n, k, log = TRUE)
  dn <- function(o) { w <- logdc + log(o) * s; w <- exp(w - max(w)); w / sum(w) }
  me <- root(function(l) sum(s * dn(exp(l))) - x, -20, 20)
  c(exp(me), exp(root(function(l) sum(dn(exp(l))[s >= x]) - .025, -30, 30)), exp(root(function(l) sum(dn(exp(l))[s <= x]) - .025, -30, 30)))
}
tables <- list(chi = ht(x2), v = v(tab), v_exact = sqrt(c(unname(x2$statistic), nc_chi(unname(x2$statistic), 4)) / sum(tab)),
               yates = ht(y22), plain = ht(n22),
               fisher = list(tea = ht(fisher.test(tea)), big = ht(fisher.test(t22)), tea_ratio = conditional(tea),
                             big_ratio = conditional(t22), small = ht(fisher.test(small))),
               t22 = unname(unclass(t22)))

p <- c(0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, NA, 0.9)
adjust <- list(p = p, holm = p.adjust(p, "holm"), bh = p.adjust(p, "BH"), bonferroni = p.adjust(p, "bonferroni"))

# Nested: 651 pupils in 30 classes; groups vary within classes (by an answer) and between them (half of the classes).
s <- read.csv("../explanation/swmd.csv"); s$m <- rowMeans(s[, paste0("Item", 1:7)])
classes <- sort(unique(s$classId)); s$half <- as.integer(match(s$classId, classes) %% 3)
s$g <- factor(pmin(pmax(s$Item7, 2), 4)); s$hf <- factor(s$half)
wald <- function(f, q, data = s) {
  m <- lm(f, data); V <- vcovCR(m, cluster = data$classId, type = "CR1S")
  w <- Wald_test(m, constrain_zero(2:(q + 1)), vcov = V, test = "Naive-F")
  list(f = w$Fstat, df1 = w$df_num, df2 = w$df_denom, p = w$p_val, first_p = conf_int(m, V, test = "naive-t", p_values = TRUE)$p_val[2])
}
s$r <- rank(s$Item1); s$a <- s$Item1
design <- svydesign(~classId, data = s, weights = ~1)
rao <- function(f) { x <- svychisq(f, design); list(f = unname(x$statistic), df1 = unname(x$parameter[1]), df2 = unname(x$parameter[2]), p = unname(x$p.value)) }
nested <- list(within = wald(m ~ g, 2), between = wald(m ~ hf, 2), ranks_within = wald(r ~ g, 2), ranks_between = wald(r ~ hf, 2),
               rao_within = rao(~g + a), rao_between = rao(~hf + a))

A <- b[, c("A1", "A2", "A3", "A4", "A5")]; A <- A[complete.cases(A), ]
ct <- function(x, y, ...) ht(cor.test(x, y, ...))
sp <- b[complete.cases(b[, c("A1", "A2")]), ]
pc <- function(rows, x, y, z) { r <- cor(resid(lm(reformulate(z, x), rows)), resid(lm(reformulate(z, y), rows))); df <- nrow(rows) - 2 - length(z)
  list(r = r, p = 2 * pt(-abs(r * sqrt(df / (1 - r^2))), df), n = nrow(rows)) }
w <- s; for (x in c("Item1", "Item2")) w[[x]] <- s[[x]] - ave(s[[x]], s$classId)
means <- aggregate(cbind(Item1, Item2) ~ classId, s, mean)
rw <- cor(w$Item1, w$Item2); dfw <- nrow(w) - 30 - 1
slope <- lm(scale(Item1) ~ scale(Item2), s)
correlations <- list(pearson = ct(A$A1, A$A2), spearman = c(suppressWarnings(ct(sp$A1, sp$A2, method = "spearman", exact = FALSE)), n = nrow(sp)),
  partial_rest = pc(A, "A1", "A2", c("A3", "A4", "A5")), partial_two = pc(A, "A2", "A3", c("A1", "A5")),
  within = list(r = rw, p = 2 * pt(-abs(rw * sqrt(dfw / (1 - rw^2))), dfw)), between = ct(means$Item1, means$Item2),
  clustered_p = conf_int(slope, vcovCR(slope, s$classId, "CR1S"), test = "naive-t", p_values = TRUE)$p_val[2],
  respondents = ct(s$Item1, s$Item2))

lc <- lavCor(A[, c("A1", "A2", "A3")], ordered = c("A1", "A2", "A3"), se = "standard", output = "fit")
pe <- parameterEstimates(lc); pe <- pe[pe$op == "~~" & pe$lhs != pe$rhs, ]
correlations$polychoric <- list(a = pe$lhs, b = pe$rhs, r = pe$est, p = pe$pvalue,
  low = tanh(atanh(pe$est) - qnorm(.975) * pe$se / (1 - pe$est^2)), high = tanh(atanh(pe$est) + qnorm(.975) * pe$se / (1 - pe$est^2)))

dif <- s$Item1 - s$Item2; fit <- lm(dif ~ 1); pt1 <- t.test(s$Item1, s$Item2, paired = TRUE)
ci <- conf_int(fit, vcovCR(fit, s$classId, "CR1S"), test = "naive-t", p_values = TRUE)
gap <- list(paired = ht(pt1), clustered = list(low = ci$CI_L, high = ci$CI_U, se = ci$SE, p = ci$p_val),
            dz = c(mean(dif) / sd(dif), nc_t(unname(pt1$statistic), nrow(s) - 1) / sqrt(nrow(s))),
            dz_effectsize = es(effectsize::cohens_d(s$Item1, s$Item2, paired = TRUE)), r = cor(s$Item1, s$Item2))

ipa_fit <- lm(scale(m) ~ scale(Item1) + scale(Item2) + scale(Item3), s)
x <- s[, c("m", "Item1", "Item2", "Item3")]
pcor <- function(x) { k <- solve(cor(x)); -cov2cor(k)[1, -1] }
cse <- conf_int(lm(m ~ Item1 + Item2 + Item3, s), vcovCR(lm(m ~ Item1 + Item2 + Item3, s), s$classId, "CR1S"), test = "naive-t")
ratio <- sapply(s[, c("Item1", "Item2", "Item3")], sd) / sd(s$m)
mean_by <- function(x) { f <- lm(x ~ 1); c(mean(x), unlist(conf_int(f, vcovCR(f, s$classId, "CR1S"), test = "naive-t")[, c("CI_L", "CI_U")])) }
importance <- list(standardized_low = unname(cse$CI_L[-1] * ratio), standardized_high = unname(cse$CI_U[-1] * ratio),
                   means = unname(lapply(s[, c("Item1", "Item2", "Item3")], function(x) unname(mean_by(x)))), standardized = unname(coef(ipa_fit)[-1]), partial = unname(pcor(x)), correlation = unname(cor(x)[1, -1]),
                   partial_log = unname(pcor(transform(log(x[, -1]), m = x$m)[, c("m", "Item1", "Item2", "Item3")])))

# Two roles in the same schools: even and odd rows of the classes stand for them.
s$role <- (ave(seq_len(nrow(s)), s$classId, FUN = seq_along) %% 2)
pick <- lapply(split(s, s$classId), function(x) { t <- t.test(x$m[x$role == 1], x$m[x$role == 0]); c(mean(x$m[x$role == 1]), mean(x$m[x$role == 0]), as.numeric(t$conf.int), t$p.value) })
pick <- do.call(rbind, pick); dd <- pick[, 1] - pick[, 2]; n <- length(dd)
ba_se <- sqrt(3 / n) * sd(dd); tq <- qt(.975, n - 1)
roles <- list(schools = unname(pick), agreement = list(mean = mean(dd), sd = sd(dd), low = mean(dd) - 1.96 * sd(dd), high = mean(dd) + 1.96 * sd(dd)),
              test = ht(t.test(pick[, 1], pick[, 2], paired = TRUE)), correlation = ct(pick[, 1], pick[, 2]))

one <- function(x, score) { t <- t.test(score(x$m)); i <- x$Item1 >= 4; ci <- prop.test(sum(i), length(i), correct = FALSE)$conf.int
  c(nrow(x), t$estimate, t$conf.int, mean(i), ci) }
by_school <- unname(do.call(rbind, lapply(split(s, s$classId), one, function(m) 100 * (m - 1) / 4)))

versions <- sapply(c("effectsize", "rstatix", "car", "clubSandwich", "survey", "lavaan", "jsonlite"), function(p) as.character(packageVersion(p)))
out <- list(two = two, several = several, variances = variances, pairs = pairs, range = range, ranks = ranks, tables = tables,
            adjust = adjust, nested = nested, correlations = correlations, gap = gap, importance = importance, roles = roles, by_school = by_school,
            `_meta` = list(R = R.version.string, packages = as.list(versions), script = "differences.R"))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = TRUE, na = "null"), "differences.json")
