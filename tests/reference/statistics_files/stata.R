# Files of Stata with labels and extended missing values, written by haven (Wickham, Miller & Smith).
# Rscript stata.R
# stata_<release>.dta and stata.json, the same table as R holds it. Extended missing values are told as ".a".
suppressMessages({library(haven); library(jsonlite)})

answers <- data.frame(id = c("p1", "p2", "p3", "p4", "p5"))
answers$q1 <- labelled(
  c(1, 5, tagged_na("a"), tagged_na("b"), NA),
  c("非常不满意" = 1, "非常满意" = 5, "不知道" = tagged_na("a"), "拒绝回答" = tagged_na("b")),
  label = "您满意吗"
)
answers$share <- c(0.1, 1 / 3, 1e10, -2.5, NA)
answers$day <- as.Date(c("2024-09-01", "1959-12-31", NA, "2000-02-29", "1960-01-01"))
answers$moment <- as.POSIXct(
  c("2024-09-01 08:30:15", "1960-01-01 00:00:00", NA, "1999-12-31 23:59:59", "2024-02-29 12:00:00"), tz = "UTC"
)
answers$essay <- c("长文", "", "x", "a;b", "末尾")

tagged <- function(x) ifelse(is_tagged_na(x), paste0(".", na_tag(x)), ifelse(is.na(x), "", as.character(zap_labels(x))))
text <- function(x) ifelse(is.na(x), "", x)
table <- list(
  id = answers$id,
  q1 = tagged(answers$q1),
  share = answers$share,
  day = text(format(answers$day)),
  moment = text(format(answers$moment, "%Y-%m-%d %H:%M:%S")),
  essay = answers$essay
)
for (release in c(8, 10, 12, 13, 14)) {
  write_dta(answers, sprintf("stata_%d.dta", release), version = release)
}
write_json(table, "stata.json", digits = NA, na = "null")
