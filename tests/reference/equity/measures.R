# Percentiles, Lorenz curve, flows and enrolment with base R on one row a pupil or mover; writes measures.json.
# Run in this folder: Rscript measures.R
library(jsonlite)
d <- read.csv("schools.csv"); pupil <- sort(rep(d$value, d$pupils))
# Type 2: the smallest value that a share does not exceed, the mean of two where it is reached exactly.
at <- function(p) unname(quantile(pupil, p, type = 2))
low <- pupil[pupil <= at(.5)]
lorenz <- c(0, cumsum(pupil) / sum(pupil))[c(0, cumsum(d$pupils[order(d$value)])) + 1]

moves <- read.csv("moves.csv", na.strings = ""); moves <- moves[complete.cases(moves), ]
mover <- moves[rep(seq_len(nrow(moves)), moves$moved), ]; kinds <- c("rural", "town", "urban")
t <- table(factor(mover$origin, kinds), factor(mover$destination, kinds))
off <- t; diag(off) <- 0; inflow <- colSums(off); outflow <- rowSums(off); net <- inflow - outflow
flows <- list(moved = unname(unclass(t)), share = unname(unclass(prop.table(t, 1))),
              expected = unname(suppressWarnings(chisq.test(t))$expected), net = unname(net),
              rate = unname(net / c(rural = 400, town = 300, urban = 600)), effectiveness = unname(net / (inflow + outflow)),
              siphoned = sum(abs(net)) / sum(inflow + outflow))

years <- lapply(list(before = "year_before.csv", after = "year_after.csv"), read.csv)
years <- lapply(years, function(y) y[!is.na(y$pupils), ])
schools <- lapply(years, function(y) aggregate(pupils ~ school + area, y, sum))
only <- list(before = setdiff(schools$before$school, schools$after$school), after = setdiff(schools$after$school, schools$before$school))
of <- function(kind) {
  own <- function(rows) if (kind == "all") rows else rows[rows$area == kind, ]
  y <- lapply(years, own); s <- lapply(schools, own); p <- sapply(y, function(v) sum(v$pupils))
  all <- sapply(years, function(v) sum(v$pupils))
  size <- sapply(y, function(v) if (nrow(v)) sum(v$pupils) / sum(v$classes) else NA)
  list(schools_before = nrow(s$before), schools_after = nrow(s$after), closed = sum(s$before$school %in% only$before),
       opened = sum(s$after$school %in% only$after), pupils_before = p[["before"]], pupils_after = p[["after"]],
       change = p[["after"]] - p[["before"]], change_rate = p[["after"]] / p[["before"]] - 1,
       share_before = p[["before"]] / all[["before"]], share_after = p[["after"]] / all[["after"]],
       class_size_before = size[["before"]], class_size_after = size[["after"]],
       small_before = sum(s$before$pupils < 100), small_after = sum(s$after$pupils < 100))
}
enrolment <- sapply(c("rural", "urban", "all"), of, simplify = FALSE)
out <- list(mcloone = sum(low) / (at(.5) * length(low)), range_ratio = at(.95) / at(.05), largest_over_smallest = max(pupil) / min(pupil),
            theil_l = mean(log(mean(pupil) / pupil)), lorenz = lorenz, flows = flows, enrolment = enrolment, R = R.version.string)
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = TRUE, na = "null"), "measures.json")
