# Writes level.json: what base R counts of answers with missing codes, and the share that is at least fairly satisfied.
# Run in this folder: Rscript level.R
suppressMessages({library(jsonlite); library(clubSandwich)})
bfi <- read.csv("../measurement/bfi.csv")
row <- seq_len(nrow(bfi))

# Blanks are "no answer" (-9). Of A1 and C1 every tenth row does not know (-8), every 17th was not asked (-7).
coded <- bfi[, c("A1", "C1", "N1", "gender", "education")]
coded[is.na(coded)] <- -9
for (item in c("A1", "C1")) { coded[[item]][row %% 10 == 0] <- -8; coded[[item]][row %% 17 == 0] <- -7 }
counted <- function(x, values) { n <- table(factor(x[x > 0], levels = values)); list(n = as.integer(n), share = as.numeric(prop.table(n))) }
unknown <- function(x) list(n = sum(x == -8), asked = sum(x != -7), share = mean(x[x != -7] == -8))

s <- read.csv("../explanation/swmd.csv"); items <- paste0("Item", 1:7)
wilson <- function(x) { ci <- prop.test(sum(x), length(x), correct = FALSE)$conf.int; 100 * c(mean(x), ci) }
# Wilson on the effective sample size, quantile of t(G-1): Korn & Graubard (1998), Dean & Pagano (2015).
clustered <- function(x, g) {
  m <- lm(as.numeric(x) ~ 1); v <- as.numeric(vcovCR(m, cluster = g, type = "CR1S"))
  p <- mean(x); ne <- min(length(x), p * (1 - p) / v); q <- qt(.975, length(unique(g)) - 1)
  middle <- (p + q^2 / (2 * ne)) / (1 + q^2 / ne)
  100 * c(p, middle + c(-1, 1) * q / (1 + q^2 / ne) * sqrt(p * (1 - p) / ne + q^2 / (4 * ne^2)))
}
# A scale's score counts as an answer does: from 3, or from 4, of 1 to 5.
m <- rowMeans(s[, items]); satisfied <- m >= 3; top2 <- m >= 4
returned <- c(issued = 3000, received = nrow(bfi), valid = sum(complete.cases(bfi[, 1:25])))
out <- list(
  answers = lapply(coded[, c("A1", "C1", "N1")], counted, 1:6),
  dont_know = lapply(coded[, c("A1", "C1")], unknown),
  composition = list(gender = counted(coded$gender, 1:2), education = counted(coded$education, 1:5)),
  returned = as.list(returned), rates = c(returned[["received"]] / returned[["issued"]], returned[["valid"]] / returned[["received"]]),
  satisfied_item = wilson(s$Item1 >= 3), satisfied_scale = wilson(satisfied), top2_scale = wilson(top2),
  satisfied_scale_clustered = clustered(satisfied, s$classId), top2_scale_clustered = clustered(top2, s$classId),
  `_meta` = list(R = R.version.string, clubSandwich = as.character(packageVersion("clubSandwich")))
)
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = TRUE), "level.json")
