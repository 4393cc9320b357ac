# Writes measurement.json. Run beside bfi.csv: Rscript measurement.R
suppressMessages({library(psych); library(jsonlite)})
bfi <- read.csv("bfi.csv")
agree <- bfi[, c("A1", "A2", "A3", "A4", "A5")]
agree$A1 <- 7 - agree$A1
listwise <- agree[complete.cases(agree), ]
alpha_of <- function(x) {
  x <- x[complete.cases(x), ]
  a <- suppressWarnings(alpha(x, check.keys = FALSE))
  list(n = nrow(x), alpha = a$total$raw_alpha, low = a$feldt$lower.ci[[1]], high = a$feldt$upper.ci[[1]])
}
shape <- describe(bfi[, 1:25], type = 2)
harman <- psych::Harman.5
factors <- factanal(harman, 2, rotation = "none")
small <- bfi[complete.cases(bfi[, c("O1", "N1", "C1")]), c("O1", "N1", "C1")][1:40, ]
sphericity <- cortest.bartlett(cor(small), n = 40)
write_json(list(
  listwise = list(n = nrow(listwise), mean = colMeans(listwise), covariance = cov(listwise), correlation = cor(listwise)),
  pairwise = list(
    counts = crossprod(!is.na(as.matrix(agree))), covariance = cov(agree, use = "pairwise"),
    correlation = cor(agree, use = "pairwise")
  ),
  alpha_by_gender = lapply(split(agree, bfi$gender), alpha_of),
  alpha_by_education = lapply(split(agree, bfi$education), alpha_of),
  mean_by_education = lapply(split(listwise, bfi$education[complete.cases(agree)]), colMeans),
  type2 = list(items = rownames(shape), skew = shape$skew, kurtosis = shape$kurtosis, mean = shape$mean, sd = shape$sd, n = shape$n),
  table_A1_A2 = unclass(table(bfi$A1, bfi$A2)),
  answers_A1 = as.list(table(bfi$A1)),
  harman5 = list(
    data = as.matrix(harman), columns = colnames(harman), uniquenesses = factors$uniquenesses,
    common = unclass(factors$loadings) %*% t(unclass(factors$loadings)), chi2 = factors$STATISTIC, p = factors$PVAL
  ),
  bartlett_small = list(chi2 = sphericity$chisq, df = sphericity$df, p = sphericity$p.value)
), "measurement.json", digits = NA, auto_unbox = TRUE, pretty = FALSE)
