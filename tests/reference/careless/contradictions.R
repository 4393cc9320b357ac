# Pairs of items of one scale answered at opposite extremes, counted row by row with base R on psych::bfi.
#   Rscript contradictions.R   (in this folder; writes contradictions.json)
library(jsonlite)
x <- as.matrix(read.csv("../measurement/bfi.csv")[, c("A1", "A2", "A3", "E1", "E2", "E3")])
for (name in c("A1", "E1", "E2")) x[, name] <- 7 - x[, name]
pairs <- list(c("A1", "A2"), c("A1", "A3"), c("E1", "E3"), c("E2", "E3"))
count <- function(row) {
  found <- c(contradictory = 0, answered = 0)
  for (pair in pairs) {
    a <- row[[pair[1]]]; b <- row[[pair[2]]]
    if (is.na(a) || is.na(b)) next
    found["answered"] <- found["answered"] + 1
    if ((a <= 2 && b >= 5) || (b <= 2 && a >= 5)) found["contradictory"] <- found["contradictory"] + 1
  }
  found
}
found <- t(apply(x, 1, count))
told <- list(contradictory = unname(found[, 1]), answered = unname(found[, 2]), meta = list(R = R.version.string))
writeLines(toJSON(told, digits = I(17), auto_unbox = TRUE), "contradictions.json")
