# Writes polychoric.json. Run beside bfi.csv: Rscript polychoric.R
suppressMessages({library(lavaan); library(psych); library(polycor); library(semTools); library(jsonlite)})
bfi <- read.csv("bfi.csv")
items <- c("A1", "A2", "A3", "A4", "A5")
gamma_of <- function(x, ...) {
  model <- paste("f =~", paste(names(x), collapse = " + "))
  fit <- suppressWarnings(cfa(model, x, ordered = names(x), estimator = "WLSMV", std.lv = TRUE, ...))
  s <- lavInspect(fit, "sampstat")
  list(n = lavInspect(fit, "nobs"), correlation = unclass(s$cov), thresholds = as.numeric(s$th), gamma = unclass(lavInspect(fit, "gamma")))
}
five <- bfi[, items]
listwise <- five[complete.cases(five), ]

# Items of 2, 5 and 6 answers.
mixed <- bfi[, c("gender", "education", "A2", "N1")]
mixed <- mixed[complete.cases(mixed), ]

# Two answers, few rows: one 2 x 2 table has an empty cell.
few <- as.data.frame(lapply(bfi[1:15, c("A2", "A3", "A5", "C1", "N1")], function(x) ifelse(x >= 4, 1, 0)))
few <- few[complete.cases(few), ]
two <- as.data.frame(lapply(listwise, function(x) ifelse(x >= 5, 1, 0)))

# Polychoric correlations of unrelated items with the margins of N1..N5, O1..O5: each column shuffled by itself.
ten <- bfi[, c("N1", "N2", "N3", "N4", "N5", "O1", "O2", "O3", "O4", "O5")]
ten <- ten[complete.cases(ten), ][1:600, ]
set.seed(11)
shuffled <- replicate(300, {
  y <- as.data.frame(lapply(ten, sample))
  r <- lavCor(y, ordered = names(y))
  one <- suppressWarnings(fa(unclass(r), 1, fm = "minres"))
  reduced <- r; diag(reduced) <- one$communality
  c(eigen(r)$values, eigen(reduced)$values, mean(r[lower.tri(r)]^2))
})
agree <- listwise; agree$A1 <- 7 - agree$A1
rho <- unclass(lavCor(agree, ordered = names(agree)))
one <- cfa("f =~ A1 + A2 + A3 + A4 + A5", agree, ordered = names(agree), estimator = "ULS", std.lv = TRUE)
l <- inspect(one, "std")$lambda
thresholds <- split(as.numeric(lavInspect(one, "sampstat")$th), rep(1:5, each = 5))

bad <- matrix(c(1, .9, .1, .9, 1, .9, .1, .9, 1), 3, dimnames = list(letters[1:3], letters[1:3]))
grid <- expand.grid(h = c(-2.5, -.7, 0, .4, 3), k = c(-1.9, 0, .4, 2.2), rho = c(-.99, -.5, 0, .3, .95))
grid$p <- pbivnorm::pbivnorm(grid$h, grid$k, grid$rho)
write_json(list(
  bivariate_normal = grid,
  listwise = gamma_of(listwise), pairwise = gamma_of(five, missing = "pairwise"),
  psych_no_correction = polychoric(listwise, correct = 0)$rho,
  mixed = gamma_of(mixed),
  few = list(rows = few, correlation = unclass(lavCor(few, ordered = names(few), zero.add = c(0.5, 0)))),
  tetrachoric = gamma_of(two),
  polychor = list(A1_A2 = polychor(listwise$A1, listwise$A2), A2_A3 = polychor(listwise$A2, listwise$A3), A4_A5 = polychor(listwise$A4, listwise$A5)),
  shuffled = list(n = nrow(ten), items = names(ten),
    components = apply(shuffled[1:10, ], 1, quantile, .95), factors = apply(shuffled[11:20, ], 1, quantile, .95),
    mean_components = rowMeans(shuffled[1:10, ]), mean_square = mean(shuffled[21, ])),
  agree = list(
    alpha = suppressWarnings(alpha(rho))$total$raw_alpha, loadings = as.numeric(l),
    omega = suppressWarnings(suppressMessages(omega(rho, nfactors = 1, plot = FALSE)))$omega.tot,
    lambda_6 = splitHalf(rho)$lambda6,
    categorical_observed = semTools:::omegaCat(l %*% t(l), thresholds, rep(1, 5), rho),
    categorical_model = semTools:::omegaCat(l %*% t(l), thresholds, rep(1, 5), {m <- l %*% t(l); diag(m) <- 1; m}),
    compRelSEM = as.numeric(compRelSEM(one, ord.scale = TRUE))
  ),
  smoothed = list(matrix = bad, smooth = suppressWarnings(cor.smooth(bad)))
), "polychoric.json", digits = 15, auto_unbox = TRUE, pretty = FALSE)
