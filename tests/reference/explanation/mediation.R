# Writes mediation.json, which the tests of manyi_analysis.mediation read. Run in this folder: Rscript mediation.R
suppressPackageStartupMessages({ library(jsonlite); library(lavaan); library(lme4); library(sandwich) })

t <- read.csv("tal_or.csv")
paths <- function(fit) {
  p <- parameterEstimates(fit); p <- p[p$label != "", ]
  list(label = p$label, est = p$est, se = p$se, low = p$ci.lower, high = p$ci.upper)
}
one <- sem("pmi ~ a*cond\nreaction ~ b*pmi + cp*cond\nind := a*b\ntot := cp + a*b", t)
two <- sem("pmi ~ a1*cond + gender\nimport ~ a2*cond + gender\nreaction ~ b1*pmi + b2*import + cp*cond + gender\npmi ~~ import
  ind1 := a1*b1\nind2 := a2*b2\nind := a1*b1 + a2*b2\ntot := cp + a1*b1 + a2*b2", t)
out <- list(one = paths(one), two = paths(two))

# Limits of a product of two independent normal estimates by integration (Meeker & Escobar, 1994).
product_limit <- function(q, a, b, sa, sb) {
  below <- function(x) integrate(function(u) dnorm(u, a, sa) * ifelse(u > 0, pnorm(x / u, b, sb), pnorm(x / u, b, sb, lower.tail = FALSE)),
                                 -Inf, Inf, subdivisions = 5000, rel.tol = 1e-10)$value
  uniroot(function(x) below(x) - q, c(-20, 20), tol = 1e-10)$root
}
e <- parameterEstimates(one); g <- function(l, c) e[e$label == l, c]
out$product <- sapply(c(0.025, 0.975), product_limit, g("a", "est"), g("b", "est"), g("a", "se"), g("b", "se"))

# Clustered: CR1 of each equation (sandwich), the correlation of a and b from lavaan's clustered covariance.
d <- read.csv("hsb82.csv"); d$row <- seq_len(nrow(d))
cl <- sem("ses ~ a*public\nmAch ~ b*ses + cp*public", d, cluster = "school", estimator = "MLR")
f1 <- lm(ses ~ public, d); f2 <- lm(mAch ~ ses + public, d)
V1 <- vcovCL(f1, d$school, "HC1"); V2 <- vcovCL(f2, d$school, "HC1"); R <- cov2cor(vcov(cl)[c("a", "b", "cp"), c("a", "b", "cp")])
s <- sqrt(c(V1[2, 2], V2[2, 2], V2[3, 3])); V <- diag(s) %*% R %*% diag(s)
est <- c(coef(f1)[[2]], coef(f2)[[2]], coef(f2)[[3]]); gr <- c(est[2], est[1], 0)
out$clustered <- list(estimate = est, se = s, indirect = est[1] * est[2], indirect_se = sqrt(drop(gr %*% V %*% gr)),
                      total_se = sqrt(drop((gr + c(0, 0, 1)) %*% V %*% (gr + c(0, 0, 1)))), correlation = R[1, 2])

# 2-1-1, unconflated: two lmer fits (Zhang, Zyphur & Preacher, 2009, eq. 5 to 8).
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.05, rhoend = 1e-11, maxfun = 1e6))
d$mean_ses <- ave(d$ses, d$school); d$within_ses <- d$ses - d$mean_ses
m1 <- lmer(ses ~ public + (1 | school), d, control = tight)
m2 <- lmer(mAch ~ public + within_ses + mean_ses + (1 | school), d, control = tight)
a <- fixef(m1)[["public"]]; b <- fixef(m2)[["mean_ses"]]; sa <- sqrt(vcov(m1)["public", "public"]); sb <- sqrt(vcov(m2)["mean_ses", "mean_ses"])
out$two_levels <- list(a = a, b_within = fixef(m2)[["within_ses"]], b_between = b, direct = fixef(m2)[["public"]], indirect = a * b,
  indirect_se = sqrt(b^2 * sa^2 + a^2 * sb^2), limits = sapply(c(0.025, 0.975), product_limit, a, b, sa, sb))
# Latent school means: lavaan's two-level model by ML, whose divisors differ from the method of moments by O(1/G).
lv <- sem("level: 1\nmAch ~ ses\nlevel: 2\nses ~ a*public\nmAch ~ b*ses + public\nind := a*b", d, cluster = "school")
p <- parameterEstimates(lv); out$latent <- list(indirect = p$est[p$label == "ind"], se = p$se[p$label == "ind"])

versions <- sapply(c("lavaan", "lme4", "sandwich", "jsonlite"), function(p) as.character(packageVersion(p)))
out$`_meta` <- list(R = R.version.string, packages = as.list(versions), script = "mediation.R")
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = TRUE, na = "null"), "mediation.json")
