# What a regression's stage adds, on HSB82: random intercept with an interaction across levels.
# Rscript beside.R > beside.json
suppressPackageStartupMessages({library(lmerTest); library(jsonlite)})
d <- read.csv("hsb82.csv"); d$school <- factor(d$school)
d$meanses <- ave(d$ses, d$school); d$cses <- d$ses - d$meanses
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 1e-4, rhoend = 1e-12, maxfun = 1e6))
fit <- lmer(mAch ~ public + cses + meanses + cses:public + (1 | school), d, control = tight)
s <- coef(summary(fit))
cat(toJSON(list(interaction = list(term = rownames(s), estimate = s[, 1], se = s[, 2], df = s[, 3]),
  R = R.version.string, lmerTest = as.character(packageVersion("lmerTest")), script = "beside.R"), digits = 15, auto_unbox = TRUE))
