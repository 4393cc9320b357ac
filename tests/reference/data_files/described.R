# Writes described.csv and counts.csv: what R says of bfi.csv (R package psych), item by item.
# Rscript described.R, in this folder.
suppressMessages(library(psych))
bfi <- read.csv("../measurement/bfi.csv")
items <- c(names(bfi)[1:25], "age")
d <- describe(bfi[items])
write.csv(
  data.frame(item = items, n = d$n, mean = d$mean, stdev = d$sd, medn = d$median, min = d$min, max = d$max),
  "described.csv", row.names = FALSE, fileEncoding = "UTF-8"
)
counted <- c("A1", "N3", "gender")
write.csv(
  do.call(rbind, lapply(counted, function(i) {
    t <- table(bfi[[i]], useNA = "always")
    data.frame(item = i, value = names(t), n = as.numeric(t))
  })),
  "counts.csv", row.names = FALSE, fileEncoding = "UTF-8"
)
# Rows whose combination of gender and age (and A1) no other row has.
alone <- function(x) sum(!(duplicated(x) | duplicated(x, fromLast = TRUE)))
write.csv(
  data.frame(columns = c("gender age", "gender age A1"), n = c(alone(bfi[c("gender", "age")]), alone(bfi[c("gender", "age", "A1")]))),
  "alone.csv", row.names = FALSE, fileEncoding = "UTF-8"
)
