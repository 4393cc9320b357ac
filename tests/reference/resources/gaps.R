# Writes gaps.json, what each of the sixty schools of schools.csv lacks of each indicator, found by adding one by one,
# or by uniroot where parts count; and answers.csv, drawn answers of five roles, with recognition.json, counted.
# Run in this folder: Rscript gaps.R
library(jsonlite)
f <- read.csv("schools.csv", colClasses = c(school = "character")); primary <- f$stage == "primary"
f$t_college <- ifelse(primary, f$t_college, 0)
of <- list(R1 = function(s, x) 100 * (s$t_college + s$t_bachelor + s$t_master + s$t_doctor + x) / s$pupils,
           R2 = function(s, x) 100 * (s$t_key + x) / s$pupils,
           R3 = function(s, x) 100 * (s$t_pe + s$t_music + s$t_art + s$t_arts + x) / s$pupils,
           R4 = function(s, x) (s$area_teach + x - s$area_gym) / s$pupils,
           R5 = function(s, x) (s$area_field + x + s$area_gym) / s$pupils,
           R6 = function(s, x) (s$equip + x) / s$pupils, R7 = function(s, x) 100 * (s$mm_rooms + x) / s$pupils)
thresholds <- list(primary = c(4.2, 1, .9, 4.5, 7.5, 2000, 2.3), junior = c(5.3, 1, .9, 5.8, 10.2, 2500, 2.4))
whole <- c("R1", "R2", "R3", "R7")
lacking <- function(s, name, least) {
  value <- of[[name]]
  if (value(s, 0) >= least) return(0)
  if (!name %in% whole) return(uniroot(function(x) value(s, x) - least, c(0, 1e8), tol = 1e-9)$root)
  x <- 0; while (value(s, x) < least) x <- x + 1; x
}
rows <- do.call(rbind, lapply(seq_len(nrow(f)), function(i) do.call(rbind, lapply(seq_along(of), function(j) {
  least <- thresholds[[f$stage[i]]][j]
  data.frame(school = f$school[i], indicator = names(of)[j], gap = lacking(f[i, ], names(of)[j], least),
             gap_to_floor = lacking(f[i, ], names(of)[j], .85 * least))
}))))
open <- rows[rows$gap > 0, ]
writeLines(toJSON(list(rows = open, totals = as.list(tapply(open$gap, open$indicator, sum)), R = R.version.string),
                  digits = I(15), auto_unbox = TRUE, pretty = FALSE), "gaps.json")

set.seed(85)
n <- c(parents = 400, students = 150, teachers = 90, principals = 12, society = 60)
a <- do.call(rbind, lapply(names(n), function(role) {
  draw <- function() { x <- sample(c(1:5, NA), n[[role]], TRUE, c(.02, .05, .13, .4, .35, .05)); x }
  data.frame(role = role, kind = if (role == "society") sample(1:3, n[[role]], TRUE) else NA, sat1 = draw(), sat3 = draw(), sat4 = draw())
}))
write.csv(a, "answers.csv", row.names = FALSE, na = "")
group <- ifelse(a$role == "society", paste0(a$role, a$kind), a$role)
recognizes <- list(overall = a$sat1 >= 4, basic = a$sat1 >= 3,
                   quality_and_balance = ifelse(a$role == "students", a$sat1 >= 4, a$sat3 >= 4 & a$sat4 >= 4))
share <- lapply(recognizes, function(r) 100 * mean(r, na.rm = TRUE))
share$overall_by_group <- 100 * mean(tapply(recognizes$overall, group, mean, na.rm = TRUE))
count <- lapply(recognizes, function(r) c(sum(r, na.rm = TRUE), sum(!is.na(r)), sum(is.na(r))))
writeLines(toJSON(list(share = share, count = count, R = R.version.string), digits = I(15), auto_unbox = TRUE), "recognition.json")
