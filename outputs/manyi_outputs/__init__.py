"""Result tables to SPSS, Excel, HTML and figures. All rounding and all wording of results is here."""
