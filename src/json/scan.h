/*-------------------------------------------------------------------------
 *
 * scan.h
 *	  Finds what matters within a string of JSON, many bytes at a time.
 *
 * PostgreSQL has such operations in port/simd.h, but only from version 16 on, and
 * none that tells where a byte is.  With PIN_NO_SIMD, or on machines with neither
 * SSE2 nor NEON, each byte is looked at; the results are the same.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_JSON_SCAN_H
#define PINTEREST_JSON_SCAN_H

#include "port/pg_bitutils.h"

#if defined(__SSE2__) && !defined(PIN_NO_SIMD)
#include <emmintrin.h>
#define PIN_SCAN_SSE2
#elif defined(__aarch64__) && defined(__ARM_NEON) && !defined(PIN_NO_SIMD)
#include <arm_neon.h>
#define PIN_SCAN_NEON
#endif

/* So many bytes are looked at at once. */
#define PIN_SCAN_WIDTH	16

/*
 * pin_scan_width
 *		What a string of JSON has next, within PIN_SCAN_WIDTH bytes: the number of
 *		bytes before a quote, a backslash or a control character.
 *
 * *high is set if a byte before that one is no ASCII; else it stays.
 */
#if defined(PIN_SCAN_SSE2)
static inline int
pin_scan_width(const char *text, bool *high)
{
	const __m128i bytes = _mm_loadu_si128((const __m128i *) text);
	const __m128i last_control = _mm_set1_epi8(0x1f);
	const __m128i special =
		_mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
								  _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))),
					 _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes));
	const uint32 found = _mm_movemask_epi8(special);
	uint32		other = _mm_movemask_epi8(bytes);

	if (found == 0)
	{
		*high |= other != 0;
		return PIN_SCAN_WIDTH;
	}
	/* those before the lowest bit that is set */
	other &= found ^ (found - 1);
	*high |= other != 0;
	return pg_rightmost_one_pos32(found);
}
#elif defined(PIN_SCAN_NEON)
/* Four bits for each byte of a vector whose bytes are 0 or 0xff */
static inline uint64
pin_scan_bits(uint8x16_t bytes)
{
	return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(bytes), 4)), 0);
}

static inline int
pin_scan_width(const char *text, bool *high)
{
	const uint8x16_t bytes = vld1q_u8((const uint8_t *) text);
	const uint8x16_t special =
		vorrq_u8(vorrq_u8(vceqq_u8(bytes, vdupq_n_u8('"')),
						  vceqq_u8(bytes, vdupq_n_u8('\\'))),
				 vcltq_u8(bytes, vdupq_n_u8(' ')));
	const uint64 found = pin_scan_bits(special);
	uint64		other = pin_scan_bits(vcgeq_u8(bytes, vdupq_n_u8(0x80)));

	if (found == 0)
	{
		*high |= other != 0;
		return PIN_SCAN_WIDTH;
	}
	other &= found ^ (found - 1);
	*high |= other != 0;
	return pg_rightmost_one_pos64(found) / 4;
}
#endif

/*
 * pin_scan_string
 *		First quote, backslash or control character of a text that ends at "end";
 *		"end" if there is none.
 *
 * *high is set if a byte before it is no ASCII; else it stays.
 */
static inline const char *
pin_scan_string(const char *text, const char *end, bool *high)
{
#if defined(PIN_SCAN_SSE2) || defined(PIN_SCAN_NEON)
	while (end - text >= PIN_SCAN_WIDTH)
	{
		int			n = pin_scan_width(text, high);

		text += n;
		if (n < PIN_SCAN_WIDTH)
			return text;
	}
#endif
	for (; text < end; text++)
	{
		unsigned char c = *text;

		if (c == '"' || c == '\\' || c < ' ')
			return text;
		*high |= c >= 0x80;
	}
	return end;
}

#endif							/* PINTEREST_JSON_SCAN_H */
