# Change of a weighted index between two samples of different people: survey 4.1-1 (Debian 12).
# Writes weighted.csv and weighted.json. Wave 1: apistrat, stratified by type of school. Wave 2: apiclus1, districts
# drawn; both of the folder weights. The score is made of api99 and api00 in five classes, as answers 1 to 5.
# Run in this folder: Rscript weighted.R
suppressMessages({library(survey); library(jsonlite)})
options(survey.lonely.psu = "adjust")
one <- read.csv("../weights/apistrat.csv"); two <- read.csv("../weights/apiclus1.csv")
class5 <- function(x) as.integer(cut(x, c(0, 500, 600, 700, 800, 1000)))
d <- rbind(
  data.frame(wave = 1, stratum = as.character(one$stype), unit = paste0("s", seq_len(nrow(one))), school = paste0("d", one$dnum %% 20), weight = one$pw, answer = class5(one$api99)),
  data.frame(wave = 2, stratum = "all", unit = paste0("c", two$dnum), school = paste0("d", two$snum %% 20), weight = two$pw, answer = class5(two$api00)))
d$index <- (d$answer - 1) / 4 * 100
write.csv(d, "weighted.csv", row.names = FALSE, quote = FALSE)
design <- svydesign(~unit, strata = ~interaction(wave, stratum), weights = ~weight, data = d, nest = TRUE)
means <- svyby(~index, ~wave, design, svymean, covmat = TRUE)
found <- svycontrast(means, c(-1, 1))
share <- svyby(~I(100 * (answer >= 4)), ~wave, design, svymean, covmat = TRUE)
top <- svycontrast(share, c(-1, 1))
# School by school: weighted means of schools with five answers or more, weighted by the later wave's sums.
schools <- lapply(1:2, function(w) {
  own <- d[d$wave == w, ]; n <- table(own$school)
  by <- svyby(~index, ~school, svydesign(~unit, weights = ~weight, data = own), svymean)
  data.frame(school = by$school, mean = by$index, sum = as.numeric(tapply(own$weight, own$school, sum)[by$school]))[n[by$school] >= 5, ]
})
both <- merge(schools[[1]], schools[[2]], by = "school")
fit <- lm(mean.y - mean.x ~ 1, both, weights = sum.y)
hc1 <- sqrt(sandwich::vcovHC(fit, type = "HC1")[1, 1])
writeLines(toJSON(list(before = coef(means)[[1]], after = coef(means)[[2]], se_before = SE(means)[[1]], se_after = SE(means)[[2]],
  change = coef(found)[[1]], se = sqrt(attr(found, "var"))[[1]], top2 = coef(top)[[1]], top2_se = sqrt(attr(top, "var"))[[1]],
  unweighted = mean(d$index[d$wave == 2]) - mean(d$index[d$wave == 1]),
  schools = nrow(both), paired = unname(coef(fit)), paired_se = hc1), digits = NA, auto_unbox = TRUE), "weighted.json")
