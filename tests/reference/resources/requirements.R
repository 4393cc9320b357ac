# Draws county.csv, forty schools of no real county, and county_facts.csv; writes requirements.json: every requirement of
# the national standard that is a number, value, threshold, verdict and gap. What is counted in wholes is found by adding
# one by one. Run in this folder: Rscript requirements.R
library(jsonlite)
set.seed(32)
n <- 40; stage <- rep(c("primary", "junior"), c(25, 15))
pupils <- round(exp(rnorm(n, 6.2, 1.1))); classes <- pmax(3, round(pupils / rnorm(n, 40, 4))); teachers <- pmax(3, round(pupils / 15))
s <- data.frame(
  school = sprintf("%04d", seq_len(n)), school_name = sprintf("no. %d", seq_len(n)), stage = stage,
  run_type = ifelse(stage == "primary", "primary_school", "junior_school"), pupils = pupils,
  ur_code = sample(c("111", "121", "220"), n, TRUE), classes = classes, max_class = round(pupils / classes) + sample(0:9, n, TRUE),
  music_rooms = rbinom(n, 3, .6), art_rooms = rbinom(n, 3, .6), music_room_m2 = round(rnorm(n, 98, 6), 1),
  art_room_m2 = round(rnorm(n, 92, 6), 1), funds = round(pupils * rnorm(n, 700, 60)), teachers = teachers,
  t_cert = teachers - rbinom(n, 2, .1), t_360h = teachers - rbinom(n, 3, .3), pupils_in_zone = round(pupils * runif(n, .9, 1)))
s$train_funds <- round(s$funds * rnorm(n, .052, .005))
write.csv(s, "county.csv", row.names = FALSE)
f <- list(county_rate = 650, special_funds = 410000, special_pupils = 71, teacher_pay = 88500, civil_pay = 90120, t_eligible = 713,
          t_rotated = 69, t_rotated_key = 13, quota_allotted = 403, quota_total = 811, migrant_public = 911, migrant_purchased = 40,
          migrant_eligible = 1127, graduates = 2911, in_transfers = 60, out_transfers = 41, entry_pupils = 3041, deaths = 1,
          disabled_enrolled = 171, disabled_total = 183, monitoring_level = 3, monitoring_difference = .1497, recognition_share = 84.9)
write.csv(data.frame(fact = names(f), value = unlist(f)), "county_facts.csv", row.names = FALSE)

# What must be added to x until value(x) reaches the threshold; parts count where it is not whole.
closing <- function(value, threshold, whole) {
  if (value(0) >= threshold) return(0)
  if (!whole) return(uniroot(function(x) value(x) - threshold, c(0, 1e9), tol = 1e-9)$root)
  x <- 0; while (value(x) < threshold) x <- x + 1; x
}
rows <- list()
told <- function(indicator, bound, value, threshold, met, gap = NA, school = "", stage = "")
  rows[[length(rows) + 1]] <<- list(indicator = indicator, bound = bound, school = school, stage = stage, value = value,
                                    threshold = threshold, met = met, gap = gap)
at_least <- function(indicator, bound, value, threshold, whole = FALSE, closed = TRUE, ...)
  told(indicator, bound, value(0), threshold, value(0) >= threshold, if (closed) closing(value, threshold, whole) else NA, ...)
at_most <- function(indicator, bound, value, threshold, ...)
  told(indicator, bound, value, threshold, value <= threshold, min(0, threshold - value), ...)

for (i in seq_len(n)) with(s[i, ], {
  at_least("G3", "music_rooms", function(x) music_rooms + x, ceiling(classes / 12), TRUE, school = school)
  at_least("G3", "art_rooms", function(x) art_rooms + x, ceiling(classes / 12), TRUE, school = school)
  at_least("G3", "music_size", function(x) music_room_m2, 96, closed = FALSE, school = school)
  at_least("G3", "art_size", function(x) art_room_m2, 90, closed = FALSE, school = school)
  at_most("G4", "size", pupils, 2000, school = school)
  at_most("G5", "largest", max_class, if (stage == "primary") 45 else 50, school = school, stage = stage)
  if (pupils < 100 && ur_code == "220") at_least("G6", "funds", function(x) funds + x, 100 * f$county_rate, school = school)
  at_least("Q4", "training", function(x) 100 * (train_funds + x) / funds, 5, school = school)
})
with(c(f, as.list(s)), {
  at_least("G7", "funds", function(x) (special_funds + x) / special_pupils, 6000)
  at_least("G8", "pay", function(x) teacher_pay + x, civil_pay)
  at_least("G9", "trained", function(x) 100 * (sum(t_360h) + x) / sum(teachers), 100, TRUE)
  at_least("G11", "rotated", function(x) 100 * (t_rotated + x) / t_eligible, 10, TRUE)
  at_least("G11", "key_share", function(x) 100 * (t_rotated_key + x) / t_rotated, 20, TRUE)
  at_least("G12", "certified", function(x) 100 * (sum(t_cert) + x) / sum(teachers), 100, TRUE)
  for (one in c("primary", "junior")) {
    of <- stage == one & ur_code != "220"
    at_least("G13", "zoned", function(x) 100 * (sum(pupils_in_zone[of]) + x) / sum(pupils[of]), c(primary = 100, junior = 95)[[one]], TRUE, stage = one)
  }
  at_least("G14", "allotted", function(x) 100 * (quota_allotted + x) / quota_total, 50, TRUE)
  at_least("G15", "migrants", function(x) 100 * (migrant_public + migrant_purchased + x) / migrant_eligible, 85, TRUE)
  at_least("Q1", "retained", function(x) 100 * (graduates - in_transfers + out_transfers) / (entry_pupils - deaths), 95, closed = FALSE)
  at_least("Q2", "enrolled", function(x) 100 * (disabled_enrolled + x) / disabled_total, 95, TRUE)
  at_least("Q9", "level", function(x) monitoring_level, 3, closed = FALSE)
  told("Q9", "difference", monitoring_difference, .15, monitoring_difference < .15)
  at_least("S1", "recognized", function(x) recognition_share, 85, closed = FALSE)
})
writeLines(toJSON(list(rows = rows, R = R.version.string), digits = I(15), auto_unbox = TRUE, na = "null"), "requirements.json")
cat(length(rows), "bounds,", sum(sapply(rows, `[[`, "met")), "met\n")
