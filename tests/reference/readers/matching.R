# Writes matching.json. Run in this folder, bfi.csv beside ../measurement: Rscript matching.R
suppressMessages({library(psych); library(stringdist); library(jsonlite)})

# Likeness of wordings: Jaccard of bigram sets, the ends of a wording being characters; Dice = 2 J / (1 + J).
pairs <- list(
  c("night", "nacht"), c("老师讲课清楚", "老师讲得清楚"), c("您对学校总体满意吗", "您对学校的总体满意程度"),
  c("lessonsareclear", "lessonswereclear"), c("同意", "比较同意"), c("非常满意", "很满意"), c("a", "b")
)
ended <- function(x) paste0("\002", x, "\003")
dice <- sapply(pairs, function(p) {
  jaccard <- 1 - stringdist(ended(p[1]), ended(p[2]), method = "jaccard", q = 2)
  2 * jaccard / (1 + jaccard)
})

# Direction: answers of bfi with items turned round by hand. `keys` of the questionnaire stay as they are.
bfi <- read.csv("../measurement/bfi.csv")
turn <- function(data, items) { data[items] <- 7 - data[items]; data }
keyed <- function(data, reverse) turn(data, reverse)
r.drop <- function(x) {
  stats <- suppressWarnings(alpha(x, check.keys = FALSE))$item.stats
  setNames(as.list(stats$r.drop), rownames(stats))
}
E <- paste0("E", 1:5)
C <- paste0("C", 1:5)
already <- keyed(turn(bfi, c("E1", "E2")), c("E1", "E2"))[E]
pairwise <- cov(already, use = "pairwise")
sums <- sum(pairwise[c("E1", "E2"), c("E3", "E4", "E5")]) /
  sqrt(sum(pairwise[c("E1", "E2"), c("E1", "E2")]) * sum(pairwise[c("E3", "E4", "E5"), c("E3", "E4", "E5")]))
whole <- bfi[complete.cases(bfi[, 1:25]), ]
means <- sapply(list(A = c("-A1", "A2", "A3", "A4", "A5"), C = c("C1", "C2", "C3", "-C4", "-C5"),
                     E = c("-E1", "-E2", "E3", "E4", "E5"), O = c("O1", "-O2", "O3", "O4", "-O5")),
  function(keys) {
    items <- sub("-", "", keys)
    rowMeans(keyed(whole, items[startsWith(keys, "-")])[items])
  })
means[, "A"] <- 7 - means[, "A"]
upper <- function(r, n) r.con(r, n, p = .998)[2]
small <- bfi[complete.cases(bfi[, c("A2", "A3")]), ][1:40, ]
limit <- cor.test(7 - small$A2, small$A3, conf.level = .998)
write_json(list(
  dice = lapply(seq_along(pairs), function(i) list(a = pairs[[i]][1], b = pairs[[i]][2], dice = dice[i])),
  extraversion_already_reversed = list(
    r_drop = r.drop(already), r_of_sums = sums, n = min(crossprod(!is.na(as.matrix(bfi[E]))))
  ),
  conscientiousness_C2_turned = r.drop(keyed(turn(bfi, "C2"), c("C4", "C5"))[C]),
  scales_A_turned = list(n = nrow(whole), r_drop = r.drop(as.data.frame(scale(means)))),
  upper = list(r = limit$estimate[[1]], n = nrow(small), upper = limit$conf.int[2]),
  upper_r_con = lapply(list(c(-.2, 100), c(-.5, 30), c(-.1, 2000)), function(x) list(r = x[1], n = x[2], upper = upper(x[1], x[2]))),
  profile = list(
    items = 25, r = cor(colMeans(bfi[seq(1, 2800, 2), 1:25], na.rm = TRUE), colMeans(7 - bfi[seq(2, 2800, 2), 1:25], na.rm = TRUE))
  )
), "matching.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
