# Writes multilevel.json, which the tests of manyi_analysis.multilevel and of CR2 errors, school means,
# importance, collinearity and specifications read. Run in this folder: Rscript multilevel.R
suppressPackageStartupMessages({
  library(jsonlite); library(lme4); library(lmerTest); library(clubSandwich); library(performance)
  library(multilevel); library(sandwich)
})

d <- read.csv("hsb82.csv"); d$school <- factor(d$school)
d$meanses <- ave(d$ses, d$school); d$cses <- d$ses - d$meanses
d$cses_meanses <- d$cses * d$meanses; d$cses_public <- d$cses * d$public
ca <- read.csv("caschools.csv"); ca$county <- factor(ca$county)

# lme4's default stops early; with this it reaches the optimum to about 1e-8.
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.05, rhoend = 1e-11, maxfun = 1e6))
fitted_model <- function(formula, data, REML = TRUE) {
  m <- lmerTest::lmer(formula, data, REML = REML, control = tight)
  k <- coef(summary(m)); v <- as.data.frame(lme4::VarCorr(m))
  r2 <- suppressWarnings(performance::r2_nakagawa(m))
  X <- getME(m, "X"); S <- lme4::VarCorr(m); Z <- getME(m, "mmList")
  fixed <- var(drop(X %*% fixef(m)))
  random <- sum(sapply(seq_along(S), function(i) sum(diag(crossprod(Z[[i]]) %*% S[[i]])) / nrow(X)))
  total <- fixed + random + sigma(m)^2
  list(johnson = c(fixed, fixed + random) / total, term = rownames(k), estimate = unname(k[, "Estimate"]), se = unname(k[, "Std. Error"]),
       df = unname(k[, "df"]), p = unname(k[, "Pr(>|t|)"]), vcov = v$vcov, sdcor = v$sdcor,
       theta = unname(getME(m, "theta")), loglik = as.numeric(logLik(m)), aic = AIC(m), bic = BIC(m),
       singular = isSingular(m), r2_marginal = unname(r2$R2_marginal), r2_conditional = unname(r2$R2_conditional))
}
context_formula <- mAch ~ ses + meanses + public + (1 | school)
models <- list(
  null = fitted_model(mAch ~ 1 + (1 | school), d),
  intercept = fitted_model(mAch ~ meanses + cses + public + (1 | school), d),
  intercept_ml = fitted_model(mAch ~ meanses + cses + public + (1 | school), d, FALSE),
  context = fitted_model(context_formula, d),
  slope = fitted_model(mAch ~ meanses + cses + public + (cses | school), d),
  slope_ml = fitted_model(mAch ~ meanses + cses + public + (cses | school), d, FALSE),
  uncorrelated = fitted_model(mAch ~ meanses + cses + public + (cses || school), d),
  raw_slope = fitted_model(mAch ~ ses + public + (ses | school), d),
  two_slopes = fitted_model(mAch ~ meanses + cses + minority + public + (cses + minority | school), d),
  crossed = fitted_model(mAch ~ meanses + cses + public + cses_meanses + cses_public + (cses | school), d),
  singular_slope = suppressMessages(fitted_model(score ~ english + lunch + (lunch | county), ca)),
  boundary = suppressMessages(fitted_model(y ~ 1 + (1 | g), read.csv("boundary_singular.csv")))
)

m <- lmerTest::lmer(context_formula, d, control = tight)
l <- c(0, 1, 1, 0)   # the between slope: within plus contextual
between <- contest1D(m, l)
contrast <- list(estimate = sum(l * fixef(m)), se = between$`Std. Error`, df = between$df, p = between$`Pr(>|t|)`)

m <- lmerTest::lmer(mAch ~ meanses + cses + public + (1 | school), d, control = tight)
ci <- confint(m, c(".sig01", ".sigma"), method = "profile", quiet = TRUE)
intervals <- list(school = unname(ci[".sig01", ]), residual = unname(ci[".sigma", ]))
ranova_row <- as.data.frame(ranova(m))[2, ]
variance_test <- list(chi2 = ranova_row$LRT, p = ranova_row$`Pr(>Chisq)` / 2)

effects <- function(m) {
  r <- as.data.frame(lme4::ranef(m, condVar = TRUE))
  list(school = as.character(r$grp), term = as.character(r$term), effect = r$condval, se = r$condsd)
}
ms <- lmerTest::lmer(mAch ~ meanses + cses + public + (cses | school), d, control = tight)
blups <- list(intercept = effects(m), slope = effects(ms))

m_ml <- update(m, REML = FALSE); ms_ml <- update(ms, REML = FALSE)
bigger <- lmerTest::lmer(mAch ~ meanses + cses + public + minority + (1 | school), d, REML = FALSE, control = tight)
x <- as.numeric(2 * (logLik(ms) - logLik(m)))
fixed <- anova(m_ml, bigger)
ratios <- list(random = list(chi2 = x, p = 0.5 * pchisq(x, 1, lower.tail = FALSE) + 0.5 * pchisq(x, 2, lower.tail = FALSE)),
               fixed = list(chi2 = fixed$Chisq[2], df = fixed$Df[2], p = fixed$`Pr(>Chisq)`[2]))

cr2 <- function(fit, cluster, block) {
  k <- coef_test(fit, vcov = "CR2", cluster = cluster, test = "Satterthwaite")
  ci <- conf_int(fit, vcov = "CR2", cluster = cluster, test = "Satterthwaite")
  w <- Wald_test(fit, constraints = constrain_zero(block), vcov = "CR2", cluster = cluster, test = "HTZ")
  list(b = k$beta, se = k$SE, df = k$df_Satt, p = k$p_Satt, low = ci$CI_L, high = ci$CI_U,
       wald = list(f = w$Fstat, df1 = w$df_num, df2 = w$df_denom, p = w$p_val))
}
ca$wide <- as.numeric(ca$county == levels(ca$county)[1])  # one county determines this column alone
errors <- list(
  caschools = cr2(lm(score ~ stratio + english + lunch + calworks + expenditure + income + computer, ca), ca$county, c(2, 6, 8)),
  hsb82 = cr2(lm(mAch ~ meanses + cses + public + minority, d), d$school, 2:4),
  alone = cr2(lm(score ~ stratio + english + wide, ca), ca$county, 2:3)
)

av <- aov(mAch ~ school, d); as <- aov(ses ~ school, d)
# multilevel::ICC1 takes the mean size of schools; the ANOVA estimator for unequal sizes takes n0 (Searle et al., 1992).
nj <- table(d$school); n0 <- (sum(nj) - sum(nj^2) / sum(nj)) / (length(nj) - 1)
icc1 <- function(a) { ms <- summary(a)[[1]]$`Mean Sq`; (ms[1] - ms[2]) / (ms[1] + (n0 - 1) * ms[2]) }
reliability <- list(icc1 = c(icc1(av), icc1(as)), icc2 = c(ICC2(av), ICC2(as)))
sm <- aggregate(cbind(mAch, ses, public, n = 1) ~ school, d, mean); sm$n <- as.numeric(table(d$school)[as.character(sm$school)])
coefficients_of <- function(f, type) {
  V <- if (type == "HC3") vcovHC(f, "HC3") else vcov(f)
  list(b = unname(coef(f)), se = unname(sqrt(diag(V))), r2 = summary(f)$r.squared, adj_r2 = summary(f)$adj.r.squared)
}
f1 <- lm(mAch ~ ses + public, sm); f2 <- lm(mAch ~ ses + public, sm, weights = n)
# True means by the method of moments: covariance of means less the pooled one within times mean(1/n).
W <- Reduce(`+`, lapply(split(d[, c("mAch", "ses")], d$school), function(s) (nrow(s) - 1) * cov(s))) / (nrow(d) - nlevels(d$school))
B <- cov(sm[, c("mAch", "ses", "public")]); B[1:2, 1:2] <- B[1:2, 1:2] - W * mean(1 / sm$n)
true_slopes <- solve(B[2:3, 2:3], B[2:3, 1])
means <- list(equal = coefficients_of(f1, "HC3"), respondents = coefficients_of(f2, "HC3"), classical = coefficients_of(f1, "OLS"),
              corrected = unname(true_slopes))

# Dominance by fitting every subset with lm.
P <- c("stratio", "english", "lunch", "calworks", "expenditure", "income", "computer")
r2 <- function(v) if (length(v)) summary(lm(reformulate(v, "score"), ca))$r.squared else 0
shares <- function(players, always = character()) {
  sapply(names(players), function(p) {
    rest <- setdiff(names(players), p)
    sapply(0:length(rest), function(size) {
      sets <- if (size) combn(rest, size, simplify = FALSE) else list(character())
      mean(sapply(sets, function(s) r2(c(always, unlist(players[c(s, p)]))) - r2(c(always, unlist(players[s])))))
    })
  })
}
single <- shares(setNames(as.list(P), P))
blocks <- shares(list(poverty = c("lunch", "calworks"), means = c("stratio", "expenditure", "computer"), english = "english"), "income")
dominance <- list(conditional = unname(t(single)), share = unname(colMeans(single)), blocks = unname(colMeans(blocks)))

X <- model.matrix(reformulate(P), ca); X <- sweep(X, 2, sqrt(colSums(X^2)), "/"); s <- svd(X)
phi <- t(s$v^2 %*% diag(1 / s$d^2)); belsley <- list(condition = s$d[1] / s$d, proportions = unname(sweep(phi, 2, colSums(phi), "/")))
vif_schools <- unname(diag(solve(cor(aggregate(cbind(meanses, public) ~ school, d, mean)[, -1]))))

z <- function(v) as.numeric(scale(v))
asked <- expand.grid(controls = c("none", "poverty", "all"), cleaning = c("all", "KK-08"), outcome = c("score", "income"), stringsAsFactors = FALSE)
controls <- list(none = character(), poverty = c("lunch", "calworks"), all = c("lunch", "calworks", "english"))
curve <- do.call(rbind, lapply(seq_len(nrow(asked)), function(i) {
  data <- ca[asked$cleaning[i] == "all" | ca$grades == "KK-08", ]
  v <- c("stratio", controls[[asked$controls[i]]])
  data[c(asked$outcome[i], v)] <- lapply(data[c(asked$outcome[i], v)], z)
  f <- lm(reformulate(v, asked$outcome[i]), data); ci <- confint(f)["stratio", ]
  data.frame(asked[i, c("outcome", "cleaning", "controls")], estimate = coef(f)[["stratio"]], low = ci[1], high = ci[2],
             p = coef(summary(f))["stratio", 4], n = nrow(data), row.names = NULL)
}))
specification <- list(rows = curve, median = median(curve$estimate), negative = mean(curve$estimate < 0),
                      significant = mean(curve$p < 0.05))

versions <- sapply(c("lme4", "lmerTest", "performance", "clubSandwich", "multilevel", "sandwich", "jsonlite"), function(p) as.character(packageVersion(p)))
out <- list(models = models, contrast = contrast, intervals = intervals, variance_test = variance_test, effects = blups,
            ratios = ratios, cr2 = errors, reliability = reliability, school_means = means, dominance = dominance,
            belsley = belsley, vif_schools = vif_schools, specification = specification,
            `_meta` = list(R = R.version.string, packages = as.list(versions), script = "multilevel.R"))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = TRUE, null = "null", na = "null"), "multilevel.json")
