# What careless 1.2.2 computes where answers are missing, written out with base R and psych, on psych::bfi.
#   Rscript missing_answers.R   (in this folder; writes missing_answers.json)
# longstring: rle() of each row; irv: sd(na.rm = TRUE); mahad: psych::outlier(); evenodd: means of halves with
# na.rm = TRUE, Spearman-Brown, cut at -1, sign turned; psychsyn/psychant: resample_na = FALSE.
suppressMessages({library(jsonlite); library(psych)})
x <- as.matrix(read.csv("../measurement/bfi.csv")[, 1:25])
keyed <- x
for (name in c("A1", "C4", "C5", "E1", "E2", "O2", "O5")) keyed[, name] <- 7 - keyed[, name]

longstring <- apply(x, 1, function(row) max(rle(row)$lengths))
avgstring <- apply(x, 1, function(row) mean(rle(row)$lengths))
irv <- apply(x, 1, sd, na.rm = TRUE)
mahad <- as.numeric(psych::outlier(x, plot = FALSE, bad = 0))

even_odd <- apply(keyed, 1, function(row) {
  halves <- sapply(split(row, rep(1:5, each = 5)), function(s)
    c(mean(s[c(2, 4)], na.rm = TRUE), mean(s[c(1, 3, 5)], na.rm = TRUE)))
  r <- suppressWarnings(cor(halves[1, ], halves[2, ], use = "pairwise.complete.obs"))
  r <- 2 * r / (1 + r)
  if (!is.na(r) && r < -1) r <- -1
  -r
})

within <- function(critical) {
  r <- cor(x, use = "pairwise.complete.obs")
  r[upper.tri(r, diag = TRUE)] <- NA
  pairs <- which(if (critical > 0) r > critical else r < critical, arr.ind = TRUE)
  index <- apply(x, 1, function(row) {
    a <- row[pairs[, 1]]; b <- row[pairs[, 2]]
    if (sum(!is.na(a) & !is.na(b)) < 3) return(NA)
    suppressWarnings(cor(a, b, use = "pairwise.complete.obs"))
  })
  list(pairs = nrow(pairs), index = index)
}
synonyms <- within(0.45)
antonyms <- within(-0.35)

told <- function(index) list(
  mean = mean(index, na.rm = TRUE), sd = sd(index, na.rm = TRUE), n_na = sum(is.na(index)),
  min = min(index, na.rm = TRUE), max = max(index, na.rm = TRUE), first = unname(index[1:120]))
found <- list(
  longstring = told(longstring), avgstring = told(avgstring), irv = told(irv), mahad = told(mahad),
  evenodd = told(even_odd), synonyms = c(told(synonyms$index), pairs = synonyms$pairs),
  antonyms = c(told(antonyms$index), pairs = antonyms$pairs),
  meta = list(R = R.version.string, psych = as.character(packageVersion("psych"))))
writeLines(toJSON(found, digits = I(17), auto_unbox = TRUE, na = "null", pretty = TRUE), "missing_answers.json")
