# Cohen's kappa by psych; writes agreement_r.json. Run in this folder.
suppressMessages(library(psych))
d <- read.csv("codes.csv")
plain <- cohen.kappa(d[, c("first", "second")])
k <- 4; lin <- 1 - abs(outer(1:k, 1:k, "-")) / (k - 1)
linear <- cohen.kappa(d[, c("first", "second")], w = lin)
num <- function(x) format(x, digits = 17, scientific = FALSE, trim = TRUE)
writeLines(sprintf('{"kappa": %s, "kappa_se": %s, "quadratic": %s, "quadratic_se": %s, "linear": %s, "linear_se": %s}',
  num(plain$kappa), num(sqrt(plain$var.kappa)), num(plain$weighted.kappa), num(sqrt(plain$var.weighted)),
  num(linear$weighted.kappa), num(sqrt(linear$var.weighted))), "agreement_r.json")
