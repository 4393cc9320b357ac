# Writes schools.csv, sixty schools of no real county, and resources.json: their seven indicators, verdicts, and the
# variation between them, by the formulas printed in the national standard. Rscript resources.R in this folder.
library(jsonlite)
set.seed(2017)
n <- 60
stage <- rep(c("primary", "junior"), c(36, 24)); primary <- stage == "primary"
pupils <- round(exp(rnorm(n, 6.6, .5)))
draw <- function(per_pupil, spread = .18) round(pupils * per_pupil * exp(rnorm(n, 0, spread)), 1)
whole <- function(per_pupil, spread = .18) round(draw(per_pupil, spread))
f <- data.frame(
  school = sprintf("%04d", seq_len(n)), stage = stage, run_type = ifelse(primary, "primary_school", "junior_school"),
  pupils = pupils, t_college = whole(.012), t_bachelor = whole(.045), t_master = whole(.003, .6), t_doctor = 0,
  t_key = whole(.0125), t_pe = whole(.005), t_music = whole(.003), t_art = whole(.003), t_arts = 0,
  area_teach = draw(ifelse(primary, 5.8, 7.4)), area_gym = draw(.6), area_field = draw(ifelse(primary, 8.3, 11.3)),
  equip = draw(ifelse(primary, 2500, 3100)), mm_rooms = whole(.029)
)
write.csv(f, "schools.csv", row.names = FALSE)
values <- with(f, cbind(
  R1 = 100 * (ifelse(primary, t_college, 0) + t_bachelor + t_master + t_doctor) / pupils, R2 = 100 * t_key / pupils,
  R3 = 100 * (t_pe + t_music + t_art + t_arts) / pupils, R4 = (area_teach - area_gym) / pupils,
  R5 = (area_field + area_gym) / pupils, R6 = equip / pupils, R7 = 100 * mm_rooms / pupils
))
thresholds <- list(primary = c(4.2, 1, .9, 4.5, 7.5, 2000, 2.3), junior = c(5.3, 1, .9, 5.8, 10.2, 2500, 2.4))
share <- values / t(sapply(stage, function(s) thresholds[[s]]))
met <- rowSums(share >= 1)
# At least six of seven reach their threshold, and the other one 85 per cent of it.
verdict <- met >= 6 & apply(share, 1, min) >= .85
variation <- lapply(c(primary = "primary", junior = "junior"), function(s) {
  apply(values[stage == s, ], 2, function(x) { w <- pupils[stage == s]; m <- weighted.mean(x, w)
    c(mean = m, sd = sqrt(weighted.mean((x - m)^2, w)), cv = sqrt(weighted.mean((x - m)^2, w)) / m) })
})
writeLines(toJSON(list(indicators = colnames(values), values = unname(values), met = met, passes = as.integer(verdict),
  lowest = apply(share, 1, min), variation = lapply(variation, unname), R = R.version.string), digits = NA, auto_unbox = TRUE), "resources.json")
cat(sum(verdict), "of", n, "pass;", sum(met >= 6 & !verdict), "fail by the floor alone\n")
