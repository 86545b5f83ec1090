//! A window dump of xwd(1) as a PNG.

use png::{BitDepth, ColorType, Compression, Encoder};

/// A picture of the screen.
#[derive(Debug)]
pub struct Picture {
    pub png: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

/// The fields of a dump's header that matter, by their place among its words.
const HEADER_BYTES: usize = 0;
const WIDTH: usize = 4;
const HEIGHT: usize = 5;
const BYTE_ORDER: usize = 7;
const BITS_PER_PIXEL: usize = 11;
const BYTES_PER_LINE: usize = 12;
const COLORS: usize = 19;

/// Bytes of one entry of the colour map, which stands before the pixels.
const COLOR: usize = 12;

/// Makes a PNG of a dump of 32 bits a pixel, least significant byte first, as our screens have.
pub fn png_of(dump: &[u8]) -> Result<Picture, String> {
    let word = |index: usize| -> Result<u32, String> {
        let bytes = dump.get(index * 4..index * 4 + 4);
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(u32::from_be_bytes)
            .ok_or_else(|| "the dump of the screen is cut off".to_owned())
    };
    let (width, height) = (word(WIDTH)?, word(HEIGHT)?);
    if (word(BITS_PER_PIXEL)?, word(BYTE_ORDER)?) != (32, 0) {
        return Err("the screen has an unknown pixel format".to_owned());
    }
    let start = word(HEADER_BYTES)? as usize + word(COLORS)? as usize * COLOR;
    let stride = word(BYTES_PER_LINE)? as usize;
    let pixels = dump.get(start..).unwrap_or_default();
    let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
    for line in pixels.chunks(stride.max(1)).take(height as usize) {
        for pixel in line.chunks_exact(4).take(width as usize) {
            if let [blue, green, red, _] = pixel {
                rgb.extend_from_slice(&[*red, *green, *blue]);
            }
        }
    }
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&rgb));
    written.map_err(|error| error.to_string())?;
    Ok(Picture { png, width, height })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(width: u32, height: u32) -> Vec<u8> {
        let mut words = [0_u32; 25];
        words[HEADER_BYTES] = 104;
        words[WIDTH] = width;
        words[HEIGHT] = height;
        words[BITS_PER_PIXEL] = 32;
        words[BYTES_PER_LINE] = width * 4 + 8;
        words[COLORS] = 2;
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        bytes.resize(104 + 2 * COLOR, 0);
        for line in 0..height {
            for column in 0..width {
                bytes.extend_from_slice(&[line as u8, column as u8, 200, 0]);
            }
            bytes.extend_from_slice(&[9; 8]);
        }
        bytes
    }

    #[test]
    fn pixels_keep_their_places_and_colours() {
        let picture = png_of(&dump(3, 2)).unwrap();
        assert_eq!((picture.width, picture.height), (3, 2));
        let mut reader = png::Decoder::new(std::io::Cursor::new(picture.png))
            .read_info()
            .unwrap();
        let mut rgb = vec![0; 18];
        reader.next_frame(&mut rgb).unwrap();
        let expected = [[0, 0], [1, 0], [2, 0], [0, 1], [1, 1], [2, 1]];
        let expected: Vec<u8> = expected
            .iter()
            .flat_map(|[column, line]| [200, *column, *line])
            .collect();
        assert_eq!(rgb, expected);
    }

    #[test]
    fn a_dump_that_is_cut_off_is_no_picture() {
        let whole = dump(3, 2);
        for length in [0, 4, 60, 127, whole.len() - 20] {
            assert!(png_of(&whole[..length]).is_err(), "{length}");
        }
    }
}
