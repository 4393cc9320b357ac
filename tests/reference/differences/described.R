# What groups are compared on: run in this folder, R 4.2 with jsonlite. Data: ../measurement/bfi.csv (psych).
library(jsonlite)
b <- read.csv("../measurement/bfi.csv")
d <- b[complete.cases(b[, c("N1", "education")]), ]
by <- function(f, y = d$N1) unname(c(tapply(y, d$education, f)))
e <- b[complete.cases(b[, c("gender", "education")]), ]
table_ <- table(e$education, e$gender)
plain <- function(x) matrix(as.numeric(x), nrow(x))
out <- list(n = by(length), mean = by(mean), sd = by(sd), median = by(median),
            mean_rank = by(mean, rank(d$N1)),
            residual = plain(chisq.test(table_, correct = FALSE)$stdres),
            share = plain(prop.table(table_, 1)))
write(toJSON(out, digits = NA, auto_unbox = TRUE, matrix = "rowmajor"), "described.json")
