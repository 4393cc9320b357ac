# Paired change, two-way fixed effects (plm), shrinkage (metafor); writes change_r.json. Run in this folder.
suppressMessages({library(plm); library(metafor); library(sandwich)})
p <- read.csv("panel.csv")
u <- read.csv("units.csv")
p$d <- as.numeric(!is.na(p$begins) & p$period >= p$begins)
fit <- plm(outcome ~ d, data = p, index = c("unit", "period"), effect = "twoways", model = "within")
lsdv <- lm(outcome ~ d + factor(unit) + factor(period), data = p)
G <- length(unique(p$unit)); n <- nrow(p); T <- length(unique(p$period))
# meat by clusters without any factor, then the factor of units nested in clusters
plain <- vcovCL(lsdv, cluster = p$unit, type = "HC0", cadjust = FALSE)["d", "d"]
k <- 1 + (T - 1) + 1
a <- p$outcome[p$period == 1]; b <- p$outcome[p$period == 4]
paired <- t.test(b, a, paired = TRUE)
w <- u$weight
wlm <- lm(d ~ 1, weights = w, data = data.frame(d = b - a, w = w))
r <- rma(u$mean, sei = u$se, method = "REML", control = list(threshold = 1e-14, maxiter = 10000))
bl <- blup(r)
num <- function(x) format(x, digits = 17, scientific = FALSE, trim = TRUE)
json <- function(x) if (is.list(x)) paste0("{", paste0("\"", names(x), "\": ", sapply(x, json), collapse = ", "), "}") else
  if (length(x) > 1) paste0("[", paste(num(x), collapse = ", "), "]") else num(x)
out <- list(
  two_way = list(estimate = unname(coef(fit)["d"]), se = sqrt(plain * G / (G - 1) * (n - 1) / (n - k))),
  paired = list(change = unname(paired$estimate), low = paired$conf.int[1], high = paired$conf.int[2], p = paired$p.value),
  weighted = list(change = unname(coef(wlm)), se = sqrt(vcovHC(wlm, type = "HC1")[1, 1])),
  shrinkage = list(mean = as.numeric(r$beta), se = r$se, tau2 = r$tau2, blup = bl$pred, blup_se = bl$se))
writeLines(json(out), "change_r.json")
