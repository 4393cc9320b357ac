# The same results under five ways to exclude, computed anew on the rows that each keeps.
#   Rscript sensitivity.R   (in this folder; writes sensitivity.json)
# Plan: flags a and b exclude. Variants: as planned; c added; a left out; b left out; nobody excluded.
suppressMessages({library(jsonlite); library(psych); library(clubSandwich)})
variants <- list(planned = c("a", "b"), added_c = c("a", "b", "c"), left_out_a = "b", left_out_b = "a", none = c())
keep <- function(flags, rules) if (length(rules)) !Reduce(`|`, flags[rules]) else rep(TRUE, length(flags$a))

# alpha of bfi agree (A1 reversed), rows complete on its items; Feldt limits
bfi <- read.csv("../measurement/bfi.csv")
agree <- bfi[, paste0("A", 1:5)]; agree$A1 <- 7 - agree$A1
flags <- list(a = bfi$age < 18, b = bfi$age > 60, c = bfi$gender == 1)
alpha <- lapply(variants, function(rules) {
  x <- na.omit(agree[keep(flags, rules), ]); k <- ncol(x); n <- nrow(x)
  value <- psych::alpha(x)$total$raw_alpha
  limit <- function(p) 1 - (1 - value) * qf(p, n - 1, (n - 1) * (k - 1))
  list(n = n, value = value, low = limit(0.975), high = limit(0.025))
})

# mean of a score as a share of its range, errors clustered by class (SWMD)
sw <- read.csv("../explanation/swmd.csv"); score <- (rowMeans(sw[, paste0("Item", 1:7)]) - 1) / 3 * 100
row <- seq_len(nrow(sw)); flags <- list(a = row %% 5 == 0, b = row %% 7 == 0, c = row %% 11 == 0)
index <- lapply(variants, function(rules) {
  at <- keep(flags, rules); x <- score[at]; m <- lm(x ~ 1)
  ci <- conf_int(m, vcov = vcovCR(m, cluster = sw$classId[at], type = "CR1S"), test = "naive-t")
  list(n = length(x), value = ci$beta, low = ci$CI_L, high = ci$CI_U)
})

# coefficients of stratio and expenditure beside income and english, errors clustered by county (CASchools)
ca <- read.csv("../explanation/caschools.csv")
flags <- list(a = ca$income > 20, b = ca$calworks > 40, c = ca$english > 50)
coefficient <- lapply(variants, function(rules) {
  at <- keep(flags, rules); d <- ca[at, ]
  m <- lm(score ~ income + english + grades + stratio + expenditure, d)
  ci <- conf_int(m, vcov = vcovCR(m, cluster = d$county, type = "CR1S"), test = "naive-t", level = 0.95)
  pick <- function(name) { r <- ci[match(name, names(coef(m))), ]; list(n = nrow(d), value = r$beta, low = r$CI_L, high = r$CI_U) }
  list(stratio = pick("stratio"), expenditure = pick("expenditure"))
})
found <- list(alpha = alpha, index = index, coefficient = coefficient,
  meta = list(R = R.version.string, psych = as.character(packageVersion("psych")), clubSandwich = as.character(packageVersion("clubSandwich"))))
writeLines(toJSON(found, digits = I(15), auto_unbox = TRUE, pretty = TRUE), "sensitivity.json")
