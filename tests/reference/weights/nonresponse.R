# Weights of those who answered, adjusted within cells: R package survey, its data set apistrat.
# Writes nonresponse.json beside this script: Rscript nonresponse.R
# Of the 200 schools drawn every third and every fifth has not answered. The weights of the others are
# post-stratified to what all drawn schools of their cell weigh: the weighting-class adjustment.
suppressMessages({library(survey); library(jsonlite)})
drawn <- read.csv("apistrat.csv")
drawn$cell <- paste(drawn$stype, drawn$sch.wide)
row <- seq_len(nrow(drawn))
answered <- drawn[row %% 3 != 0 & row %% 5 != 0, ]
asked <- aggregate(pw ~ cell, drawn, sum); names(asked)[2] <- "Freq"
adjusted <- postStratify(svydesign(id = ~1, weights = ~pw, data = answered), ~cell, asked)
writeLines(toJSON(list(
  row = as.integer(rownames(answered)) - 1L, weight = unname(weights(adjusted)),
  versions = list(R = R.version.string, survey = as.character(packageVersion("survey")))
), digits = NA, auto_unbox = TRUE), "nonresponse.json")
