* Files of SPSS with response sets, user-missing values, old encodings and compressions, written by PSPP 1.6.2.
* pspp spss.sps                                    sets.sav, sets.zsav, sets.por
* iconv -t GB18030 spss.sps > /tmp/g.sps, then
* pspp --syntax-encoding=GB18030 /tmp/g.sps        after SET LOCALE='GB18030': sets_gb18030.sav
* pspp --syntax-encoding=windows-1252 /tmp/g.sps   after SET LOCALE='windows-1252': sets_undeclared.sav,
*                                                  the bytes of GB18030 in a file that declares windows-1252.
data list list /caseid (f8.0) LongVariableNumberOne LongVariableNumberTwo w3 (f2.0) s1 s2 (a4) m1 m2 m3 (f2.0) age (f4.0).
begin data
1 1 0 2 yes no 1 2 . 35
2 0 1 2 no yes 3 . . 998
3 0 0 2 "" "" . . . 999
4 2 1 1 yes yes 2 2 1 -1
5 9 . 1 no no 9 . . 40
end data.
variable labels LongVariableNumberOne '参加过：运动' LongVariableNumberTwo '参加过：阅读' w3 '参加过：音乐' age '年龄'.
value labels LongVariableNumberOne LongVariableNumberTwo w3 1 '选中' 2 '未选'
 /m1 m2 m3 1 '语文' 2 '数学' 3 '英语' 9 '拒绝回答'
 /age 998 '不知道' 999 '未作答'.
missing values LongVariableNumberOne m1 m2 m3 (9) age (lo thru 0, 999).
mrsets /mdgroup name=$acts variables=LongVariableNumberOne LongVariableNumberTwo w3 value=1 label='参加过的活动'
 /mdgroup name=$heard variables=s1 s2 value='yes'
 /mcgroup name=$subjects variables=m1 m2 m3 label='喜欢的科目'.
