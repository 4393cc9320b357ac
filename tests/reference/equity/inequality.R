# Gini by laeken, gaps by t.test and survey::svyratio; writes inequality_r.json beside this file.
suppressMessages({library(laeken); library(survey)})
d <- read.csv("schools.csv")
two <- d[d$group != "town", ]
welch <- t.test(value ~ factor(group, c("urban", "rural")), data = two)
design <- svydesign(ids = ~1, weights = ~1, data = transform(d, total = pupils * value))

of <- function(g) {
  s <- subset(transform(d, total = pupils * value), group == g)
  r <- svyratio(~total, ~pupils, svydesign(ids = ~1, weights = ~1, data = s))
  c(as.numeric(coef(r)), as.numeric(SE(r)))
}
u <- of("urban"); r <- of("rural")
out <- list(
  gini = gini(d$value, d$pupils)$value / 100,
  welch = list(difference = unname(welch$estimate[1] - welch$estimate[2]), low = welch$conf.int[1],
               high = welch$conf.int[2], df = unname(welch$parameter)),
  ratio = list(urban = u, rural = r))
num <- function(x) format(x, digits = 17, scientific = FALSE, trim = TRUE)
json <- function(x) if (is.list(x)) paste0("{", paste0("\"", names(x), "\": ", sapply(x, json), collapse = ", "), "}") else
  if (length(x) > 1) paste0("[", paste(num(x), collapse = ", "), "]") else num(x)
writeLines(json(out), "inequality_r.json")
cat(R.version.string, "laeken", as.character(packageVersion("laeken")), "survey", as.character(packageVersion("survey")), "\n")
