# Ranks of four answers by eight respondents (0: no rank given), and what base R makes of them.
# Rscript ranking.R writes ranks.csv and expected.csv beside it.
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
if (!length(here)) here <- "."
ranks <- matrix(c(
  1, 2, 3, 4,
  2, 1, 3, 4,
  1, 3, 2, 4,
  1, 0, 2, 0,
  3, 1, 2, 0,
  0, 0, 1, 0,
  4, 3, 1, 2,
  0, 0, 0, 0
), ncol = 4, byrow = TRUE)
k <- ncol(ranks)
ranks[ranks == 0] <- NA
answered <- rowSums(!is.na(ranks)) > 0
points <- k + 1 - ranks
points[is.na(points)] <- 0
expected <- data.frame(
  answer = seq_len(k),
  n = colSums(!is.na(ranks)),
  share = colSums(!is.na(ranks)) / sum(answered),
  mean_rank = colMeans(ranks, na.rm = TRUE),
  first = colSums(ranks == 1, na.rm = TRUE),
  first_share = colSums(ranks == 1, na.rm = TRUE) / sum(answered),
  score = colSums(points) / sum(answered),
  answered = sum(answered),
  missing = sum(!answered)
)
write.csv(ranks, file.path(here, "ranks.csv"), row.names = FALSE, na = "")
options(digits = 17)
write.csv(format(expected, digits = 17), file.path(here, "expected.csv"), row.names = FALSE, quote = FALSE)
