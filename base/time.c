/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>
#include <stdio.h>
#include <time.h>

#include "base/time.h"

#define MS_PER_SECOND 1000
#define MS_PER_MINUTE (60 * (int64_t)MS_PER_SECOND)
#define MS_PER_HOUR (60 * MS_PER_MINUTE)
#define MS_PER_DAY (24 * MS_PER_HOUR)

static int64_t read_clock(clockid_t id)
{
	struct timespec spec;

	clock_gettime(id, &spec);
	return (int64_t)spec.tv_sec * MS_PER_SECOND + spec.tv_nsec / 1000000;
}

static int64_t system_clock(void)
{
	return read_clock(CLOCK_REALTIME);
}

static int64_t (*wall_clock)(void) = system_clock;

void time_set_clock(int64_t (*clock)(void))
{
	wall_clock = clock ? clock : system_clock;
}

int64_t time_now(void)
{
	return wall_clock();
}

int64_t time_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* Days since 1970-01-01 of a date of the Gregorian calendar (month 1-12). */
static int64_t days_from_date(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool valid_date(int year, int month, int day)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month - 1] + (month == 2 && is_leap(year));
}

/* Exactly `count` digits at *text, which moves past them; -1 if there are other bytes. */
static int digits(const char **text, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		if (!isdigit((unsigned char)(*text)[i]))
			return -1;
		value = value * 10 + ((*text)[i] - '0');
	}
	*text += count;
	return value;
}

static bool skip(const char **text, char byte)
{
	if (**text != byte)
		return false;
	(*text)++;
	return true;
}

/* ".123456": milliseconds; the rest is cut off. Absent reads as 0; -1 if malformed. */
static int fraction_ms(const char **text)
{
	int ms = 0;
	int weight = 100;

	if (!skip(text, '.'))
		return 0;
	if (!isdigit((unsigned char)**text))
		return -1;
	for (; isdigit((unsigned char)**text); (*text)++) {
		ms += (**text - '0') * weight;
		weight /= 10;
	}
	return ms;
}

/* "Z", "+02:00": minutes east of UTC; false if malformed or not at the end. */
static bool offset_minutes(const char *text, int *ret)
{
	int sign = *text == '-' ? -1 : 1;
	int hours;
	int minutes;

	*ret = 0;
	if (*text == 'Z' || *text == 'z')
		return text[1] == '\0';
	if (*text != '+' && *text != '-')
		return false;
	text++;
	hours = digits(&text, 2);
	if (hours < 0 || hours > 23 || !skip(&text, ':'))
		return false;
	minutes = digits(&text, 2);
	if (minutes < 0 || minutes > 59)
		return false;
	*ret = sign * (hours * 60 + minutes);
	return *text == '\0';
}

static bool clock_parse(const char **text, int64_t *ret_ms)
{
	int hour;
	int minute;
	int second;

	hour = digits(text, 2);
	if (hour < 0 || hour > 23 || !skip(text, ':'))
		return false;
	minute = digits(text, 2);
	if (minute < 0 || minute > 59 || !skip(text, ':'))
		return false;
	second = digits(text, 2);
	if (second < 0 || second > 60)
		return false;
	*ret_ms = hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_SECOND;
	return true;
}

int64_t time_parse(const char *text)
{
	int year;
	int month;
	int day;
	int ms;
	int offset;
	int64_t clock;

	if (!text)
		return TIME_NONE;
	year = digits(&text, 4);
	if (year < 0 || !skip(&text, '-'))
		return TIME_NONE;
	month = digits(&text, 2);
	if (month < 0 || !skip(&text, '-'))
		return TIME_NONE;
	day = digits(&text, 2);
	if (!valid_date(year, month, day) || (!skip(&text, 'T') && !skip(&text, 't')))
		return TIME_NONE;
	if (!clock_parse(&text, &clock))
		return TIME_NONE;
	ms = fraction_ms(&text);
	if (ms < 0 || !offset_minutes(text, &offset))
		return TIME_NONE;
	return days_from_date(year, month, day) * MS_PER_DAY + clock + ms - offset * MS_PER_MINUTE;
}

int64_t time_parse_http(const char *text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int day;
	int year;
	int month = 0;
	int64_t clock;

	/* "Tue, 24 Nov 2026 07:13:30 GMT": the only form that a server may send today (RFC 9110, 5.6.7) */
	if (!text || strlen(text) != 29 || text[3] != ',' || text[4] != ' ')
		return TIME_NONE;
	text += 5;
	day = digits(&text, 2);
	if (day < 0 || !skip(&text, ' '))
		return TIME_NONE;
	while (month < 12 && strncmp(text, months + (ptrdiff_t)3 * month, 3) != 0)
		month++;
	text += 3;
	if (month == 12 || !skip(&text, ' '))
		return TIME_NONE;
	year = digits(&text, 4);
	if (year < 0 || !valid_date(year, month + 1, day) || !skip(&text, ' '))
		return TIME_NONE;
	if (!clock_parse(&text, &clock) || !streq(text, " GMT"))
		return TIME_NONE;
	return days_from_date(year, month + 1, day) * MS_PER_DAY + clock;
}

static void break_down(int64_t moment, struct tm *ret)
{
	int64_t seconds = moment / MS_PER_SECOND - (moment % MS_PER_SECOND < 0);
	time_t value = (time_t)seconds;

	if (!gmtime_r(&value, ret))
		*ret = (struct tm){.tm_mday = 1, .tm_year = 70};
}

void time_format_utc(struct buf *out, int64_t moment)
{
	struct tm tm;

	break_down(moment, &tm);
	buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void time_format_short(struct buf *out, int64_t moment, int64_t now)
{
	struct tm tm;
	struct tm today;

	break_down(moment, &tm);
	break_down(now, &today);
	if (tm.tm_year != today.tm_year || tm.tm_yday != today.tm_yday)
		time_format_utc(out, moment);
	else
		buf_addf(out, "%02d:%02d:%02dZ", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* "3m10s": the larger unit, and the rest in the smaller one unless it is 0. */
static void two_units(struct buf *out, int64_t amount, int64_t per, char large, char small)
{
	buf_addf(out, "%lld%c", (long long)(amount / per), large);
	if (amount % per)
		buf_addf(out, "%lld%c", (long long)(amount % per), small);
}

void time_format_age(struct buf *out, int64_t age_ms)
{
	int64_t seconds = age_ms / MS_PER_SECOND;
	int64_t minutes = seconds / 60;
	int64_t hours = minutes / 60;
	int64_t days = hours / 24;

	if (age_ms == TIME_NONE)
		buf_adds(out, "<unknown>");
	else if (seconds < -1)
		buf_adds(out, "<invalid>");
	else if (seconds < 0)
		buf_adds(out, "0s");
	else if (seconds < 2 * 60)
		buf_addf(out, "%llds", (long long)seconds);
	else if (minutes < 10)
		two_units(out, seconds, 60, 'm', 's');
	else if (minutes < 3 * 60)
		buf_addf(out, "%lldm", (long long)minutes);
	else if (hours < 8)
		two_units(out, minutes, 60, 'h', 'm');
	else if (hours < 48)
		buf_addf(out, "%lldh", (long long)hours);
	else if (hours < 8 * 24)
		two_units(out, hours, 24, 'd', 'h');
	else if (days < 2 * 365)
		buf_addf(out, "%lldd", (long long)days);
	else if (days < 8 * 365)
		two_units(out, days, 365, 'y', 'd');
	else
		buf_addf(out, "%lldy", (long long)(days / 365));
}
